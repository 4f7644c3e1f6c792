/** The platform that this is. */
import { isNode } from './node.js';
import { nodePlatform } from './platform-node.js';
import { webPlatform } from './platform-web.js';
import type { Platform } from './platform.js';

export const platform: Platform = isNode ? nodePlatform : webPlatform;
