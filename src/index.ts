/** The public interface of lps-webgpu, and nothing else. */
export * from './gpu/index.js';
export * from './polynomial/index.js';
export * from './homotopy/index.js';
export * from './network/index.js';
export * from './lps/index.js';
export * from './data/index.js';
