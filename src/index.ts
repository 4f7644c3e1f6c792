/** The public interface of lps-webgpu, and nothing else. */
export * from './gpu/index.js';
