/**
 * After this passes I believe that networks become the fewest operations: activations fused, views
 * free, gradients of shared tensors added once, memory shared only where lives and padding allow.
 * The truth is worked out by hand for each network.
 */
import { describe, expect, it } from 'vitest';
import { gelu, identity, polynomial, relu, tanh } from '../../../src/network/activations.js';
import {
  batchNorm,
  conv2d,
  dense,
  dropout,
  flatten,
  maxPool2d,
  residual,
  type Layer,
} from '../../../src/network/layer.js';
import { planBackward } from '../../../src/network/gpu/backward.js';
import { buildGraph, type GraphMode } from '../../../src/network/gpu/graph.js';
import { shareBuffers, type Life } from '../../../src/network/gpu/plan-memory.js';
import { network } from '../../../src/network/network.js';

const graphOf = (
  input: readonly number[],
  layers: readonly Layer[],
  mode: GraphMode = 'training',
) => buildGraph(network({ input, layers }), mode);

/** "layers.0 + layers.1: 0 -> 1" for every operation. */
const describeOperations = (graph: ReturnType<typeof graphOf>): string[] =>
  graph.operations.map(
    ({ label, activationLabel, inputs, output }) =>
      `${[label, ...(activationLabel && activationLabel !== label ? [activationLabel] : [])].join(' + ')}: ${inputs.map(({ tensor }) => tensor).join(', ')} -> ${output.tensor}`,
  );

describe('operations', () => {
  it('fuse an activation with the layer before it', () => {
    const graph = graphOf(
      [4, 4, 1],
      [conv2d(2, 3), relu(), flatten(), dense(3), batchNorm(), tanh()],
    );
    expect(describeOperations(graph)).toEqual([
      'layers.0 + layers.1: 0 -> 1',
      'layers.3: 1 -> 2',
      'layers.4 + layers.5: 2 -> 3',
    ]);
    expect(graph.operations[1]!.inputs[0]!.shape).toEqual([8]);
    expect(graph.output).toEqual({ tensor: 3, shape: [3] });
  });

  it('fuse an activation across a view', () => {
    const graph = graphOf([4, 4, 1], [conv2d(2, 3), flatten(), identity(), relu(), dense(1)]);
    expect(describeOperations(graph)).toEqual(['layers.0 + layers.3: 0 -> 1', 'layers.4: 1 -> 2']);
  });

  it('keep on its own what nothing takes in: polynomials, after dropout, twice, on the input', () => {
    const layers = [tanh(), dense(2), relu(), tanh(), polynomial([0, 1, 1]), relu()];
    expect(describeOperations(graphOf([3], layers))).toEqual([
      'layers.0: 0 -> 1',
      'layers.1 + layers.2: 1 -> 2',
      'layers.3: 2 -> 3',
      'layers.4: 3 -> 4',
      'layers.5: 4 -> 5',
    ]);
    expect(describeOperations(graphOf([4], [dropout(0.5), relu()]))).toEqual([
      'layers.0: 0 -> 1',
      'layers.1: 1 -> 2',
    ]);
  });

  it('leave alone a tensor that the other branch reads before the activation', () => {
    const graph = graphOf([3], [dense(3), residual([relu(), dense(3)]), relu()]);
    expect(describeOperations(graph)).toEqual([
      'layers.0: 0 -> 1',
      'layers.1.body.0: 1 -> 2',
      'layers.1.body.1: 2 -> 3',
      'layers.1 + layers.2: 3, 1 -> 4',
    ]);
  });

  it('keep an activation off a sum in training when its slope needs the sum itself', () => {
    const layers = [residual([dense(3)]), gelu()];
    expect(graphOf([3], layers).operations).toHaveLength(3);
    expect(graphOf([3], layers, 'inference').operations).toHaveLength(2);
  });

  it('run dropout in training only, and only when it drops', () => {
    const layers = [dropout(0.5), dense(2), dropout(0)];
    expect(describeOperations(graphOf([3], layers))).toEqual([
      'layers.0: 0 -> 1',
      'layers.1: 1 -> 2',
    ]);
    expect(describeOperations(graphOf([3], layers, 'inference'))).toEqual(['layers.1: 0 -> 1']);
  });
});

describe('backward passes', () => {
  it('write every gradient once, from the last operation to the first trained one', () => {
    const graph = graphOf([4], [dense(3), relu(), dense(2)]);
    expect(planBackward(graph)).toEqual({
      gradients: [{ tensor: 2 }, { tensor: 1 }],
      lossGradient: 0,
      steps: [
        {
          kind: 'operation',
          operation: 1,
          outputGradient: 0,
          inputGradient: 1,
          appliesSlope: true,
        },
        {
          kind: 'operation',
          operation: 0,
          outputGradient: 1,
          inputGradient: null,
          appliesSlope: false,
        },
      ],
    });
  });

  it('skip what stands before the first trained layer', () => {
    const graph = graphOf([4, 4, 1], [maxPool2d(2), flatten(), tanh(), dropout(0.5), dense(2)]);
    expect(planBackward(graph).steps).toEqual([
      {
        kind: 'operation',
        operation: 2,
        outputGradient: 0,
        inputGradient: null,
        appliesSlope: false,
      },
    ]);
  });

  it('add the two gradients of a shared tensor, then multiply by its slope', () => {
    const graph = graphOf([2], [dense(3), relu(), residual([dense(3)]), dense(1)]);
    // Gradients: 0 loss, 1 of the sum (which the body's output and the shortcut share), 2 body's part.
    expect(planBackward(graph)).toEqual({
      gradients: [{ tensor: 4 }, { tensor: 3 }, { tensor: 1 }, { tensor: 1 }],
      lossGradient: 0,
      steps: [
        {
          kind: 'operation',
          operation: 3,
          outputGradient: 0,
          inputGradient: 1,
          appliesSlope: true,
        },
        {
          kind: 'operation',
          operation: 1,
          outputGradient: 1,
          inputGradient: 2,
          appliesSlope: false,
        },
        { kind: 'sum', tensor: 1, parts: [1, 2], into: 3 },
        {
          kind: 'operation',
          operation: 0,
          outputGradient: 3,
          inputGradient: null,
          appliesSlope: false,
        },
      ],
    });
  });

  it('multiply by the slope alone where a branch ends in an activation', () => {
    const graph = graphOf([2], [residual([dense(2), relu()]), dense(1)]);
    expect(planBackward(graph).steps).toContainEqual({
      kind: 'sum',
      tensor: 1,
      parts: [1],
      into: 2,
    });
  });

  it('add three parts of a tensor that three operations read', () => {
    const graph = graphOf([2], [dense(2), residual([residual([dense(2)])]), dense(1)]);
    const sums = planBackward(graph).steps.filter(({ kind }) => kind === 'sum');
    expect(sums).toHaveLength(1);
    expect(sums[0]).toMatchObject({ tensor: 1, parts: { length: 3 } });
  });
});

describe('memory', () => {
  const life = (entries: number, first: number, last: number): Life => ({
    label: `${entries} from ${first} to ${last}`,
    entries,
    first,
    last,
  });

  it('is shared by tensors whose lives do not overlap', () => {
    const { places, buffers } = shareBuffers([
      life(8, 0, 1),
      life(16, 1, 2),
      life(32, 2, 3),
      life(4, 3, 4),
    ]);
    expect(places).toEqual([0, 1, 0, 1]);
    expect(buffers.map(({ sampleStride }) => sampleStride)).toEqual([32, 16]);
  });

  it('is not shared while both are needed, the last step included', () => {
    expect(shareBuffers([life(8, 0, 2), life(8, 1, 3), life(8, 2, 3)]).places).toEqual([0, 1, 2]);
  });

  it('is not shared by tensors with padding in different places', () => {
    expect(
      shareBuffers([life(7, 0, 1), life(8, 2, 3), life(6, 4, 5), life(7, 6, 7)]).places,
    ).toEqual([0, 1, 2, 0]);
  });
});
