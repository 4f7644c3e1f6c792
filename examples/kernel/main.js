import { networkSquaredNorms, openGpu } from 'lps-webgpu/kernels';

// The app's device, its buffers, its kernel: values[k] = k.
const adapter = await navigator.gpu.requestAdapter();
const device = await adapter.requestDevice();
const { STORAGE, UNIFORM, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
const COUNT = 256;
const values = device.createBuffer({ size: 4 * COUNT, usage: STORAGE });
const norms = device.createBuffer({ size: 4, usage: STORAGE | COPY_SRC });
const result = device.createBuffer({ size: 4, usage: MAP_READ | COPY_DST });
const fill = device.createComputePipeline({
  layout: 'auto',
  compute: {
    module: device.createShaderModule({
      code: `@group(0) @binding(0) var<storage, read_write> values: array<f32>;
@compute @workgroup_size(64) fn fill(@builtin(global_invocation_id) id: vec3u) { values[id.x] = f32(id.x); }`,
    }),
  },
});
const group = device.createBindGroup({
  layout: fill.getBindGroupLayout(0),
  entries: [{ binding: 0, resource: { buffer: values } }],
});

// The library's kernel, on the app's device. Its head, lps-webgpu/shaders/network/squared-norms.wgsl, has the layout:
// a uniform of (vec4f in a block, vec4f in a segment, segments), the values, the sums.
const gpu = await openGpu({ device });
const kernel = await gpu.createKernel(networkSquaredNorms);
const segments = device.createBuffer({ size: 16, usage: UNIFORM | COPY_DST });
device.queue.writeBuffer(segments, 0, Uint32Array.of(COUNT / 4, COUNT / 4, 1));
const bindings = await kernel.bind({ segments, values, norms });

// One encoder, one pass, both kernels.
const encoder = device.createCommandEncoder();
const pass = encoder.beginComputePass();
pass.setPipeline(fill);
pass.setBindGroup(0, group);
pass.dispatchWorkgroups(COUNT / 64);
kernel.encode(pass, bindings, [1]);
pass.end();
encoder.copyBufferToBuffer(norms, 0, result, 0, 4);
device.queue.submit([encoder.finish()]);
await result.mapAsync(GPUMapMode.READ);
const [sum] = new Float32Array(result.getMappedRange());
document.querySelector('#answer').value = String(sum);
gpu.close(); // the device stays the app's
