/**
 * What the host knows of a WGSL kernel: its text and what wgsl_reflect read off it at build time.
 * Offsets and binding numbers come from here and are never written down twice.
 */

/** A buffer binding of a kernel. */
export interface ShaderBinding {
  /** The variable's name in the shader: the key under which a buffer is bound. */
  readonly name: string;
  readonly group: number;
  readonly binding: number;
  readonly type: 'uniform' | 'storage' | 'read-only-storage';
  /** Bytes; for a runtime-sized array those of one element. */
  readonly minBindingSize: number;
}

/** Where a member lies in a struct, bytes. */
export interface ShaderStructMember {
  readonly offset: number;
  readonly size: number;
  readonly type: string;
}

/** Layout of a struct in a buffer, bytes. */
export interface ShaderStruct<Member extends string = string> {
  readonly size: number;
  readonly members: Readonly<Record<Member, ShaderStructMember>>;
}

/** A workgroup size is a number, or the name of the override that sets it; vertex and fragment stages have none. */
export interface ShaderEntryPoint {
  readonly workgroupSize: readonly (number | string)[];
}

export interface Shader {
  /** Path below shaders/ without ".wgsl"; also the label in messages and timings. */
  readonly name: string;
  readonly code: string;
  /** Whether it needs the error-free transforms appended (it uses two_sum or two_product). */
  readonly arithmetic: boolean;
  readonly entryPoints: Readonly<Record<string, ShaderEntryPoint>>;
  readonly bindings: readonly ShaderBinding[];
  readonly structs: Readonly<Record<string, ShaderStruct>>;
  readonly overrides: readonly { readonly name: string; readonly type: string }[];
  /** Whether it uses workgroup memory (slow on software adapters). */
  readonly workgroupMemory: boolean;
}

/** A shader of this library: what its entry points are called, its structs and their members. */
export interface KnownShader<
  EntryPoint extends string,
  Structs extends Readonly<Record<string, string>> = Record<never, never>,
> extends Shader {
  readonly entryPoints: Readonly<Record<EntryPoint, ShaderEntryPoint>>;
  readonly structs: { readonly [Name in keyof Structs]: ShaderStruct<Structs[Name]> };
}

/** How the error-free transforms are computed (shaders/lib/error-free-MODE.wgsl). */
export type ArithmeticMode = 'plain' | 'barrier' | 'integer';

/** The bind group that kernels with arithmetic need besides their own group 0. */
export const arithmeticGroup = 1;
