/**
 * Believed afterwards: the package exports these names at run time and no others, so that whoever adds one or
 * takes one away does it on purpose. The truth is this list: what README.md and docs/ describe.
 */
import { expect, it } from 'vitest';
import * as library from '../../src/index.js';

const names: Readonly<Record<string, string>> = {
  Errors: `
    LpsError`,
  'The GPU': `
    CpuDevice DeviceLostError GpuDevice GpuLimitError GpuOptionError GpuOutOfMemoryError
    GpuUnavailableError openGpu`,
  'Polynomial systems and families of them': `
    countSolutions formatSystem parseFamily parseSystem SystemError SystemSyntaxError`,
  'All isolated solutions of a system; start systems in their notation': `
    chooseStart compareStarts createPathKernel formatPartition formatSolutionsCsv formatStructure mixedVolume parsePartition
    parseStructure solutionsBuffer solve SolveError StructureError SupportError TrackingLimitError UnfinishedSolveError WorkerError`,
  'Critical points and minima of small networks': `
    approximateActivation baseSetsFrom enumerateReluMinima familyPoint findMinima genericParameters
    minimaOfSolutions networkFamily solveStrata stationarityProblem streamMinima TooManyCombinationsError`,
  'Networks as data, their training, and weights in and out': `
    adam adamw averagePool2d batchNorm conv2d createForwardPass createMatmul createTrainer dense describeModel dropout elu evaluatePrediction
    flatten foldCentre forward gelu globalAveragePool2d identity leakyRelu localTuningStore maxPool2d ModelError
    network NetworkError networkFromJson networkFromNotation networkToJson polynomial predict readModel
    readSafetensors relu residual rmsprop setTuning sgd sigmoid silu softplus tanh train TrainingError
    weightsOfState writeSafetensors`,
  'Initial weights': `
    blockArchitecture createReplicaInitializer InitializationError initialize INITIALIZER_METHODS initializeReplicas revive
    tfjsInitializers`,
  'How often networks are born dead': `
    bornDeadBounds measureLiveness`,
  'Data sets': `
    centreParts DIABETES_CSV DIABETES_INPUTS DIABETES_TARGET diabetesDataset digitsDataset gunzip readCifar
    readCsvDataset readIdxDataset readTable standardize standardizeParts TableError
    trainValidationTestSplit`,
};

it('exports these names', () => {
  const wanted = Object.values(names).flatMap((text) => text.trim().split(/\s+/));
  expect(Object.keys(library).sort()).toEqual(wanted.sort());
});
