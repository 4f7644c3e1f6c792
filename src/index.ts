/** The public interface of lps-webgpu, and nothing else. */
export * from './gpu/index.js';
export * from './polynomial/index.js';
export * from './homotopy/index.js';
export * from './network/index.js';
export * from './lps/index.js';
export * from './data/index.js';
// Both folders have a `residual`: here it is the layer.
export { residual } from './network/index.js';
export { residual as systemResidual } from './polynomial/index.js';
