/** `lps-webgpu/charts`: pictures as SVG text. Needs the npm package echarts beside this one. */
export {
  confusionChart,
  predictionChart,
  type PredictedValue,
} from '../charts/evaluation-charts.js';
export type { TrueMinimum } from '../charts/fit-curves.js';
export { fitChart, type ChartOptions } from '../charts/fit-chart.js';
export { livenessCurves, livenessHeatMap } from '../charts/liveness-charts.js';
export type { ChartSize } from '../charts/render-svg.js';
export { trainingChart, type TrainingCurve } from '../charts/training-chart.js';
