/** The package's default entry throws in Node's ES modules; the file that works has no types of its own. */
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect';
}
