import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Modules of Node that must not reach a page. */
const nodeModules = ['node:*', 'webgpu', 'puppeteer-core', 'fs', 'path', 'os', 'worker_threads'];

/** Folders of src/ that a folder may import from; imports run one way, without circles. */
const imports = {
  math: [],
  gpu: ['generated'],
  polynomial: ['math', 'generated'],
  homotopy: ['math', 'polynomial', 'gpu', 'generated'],
  network: ['math', 'gpu', 'generated'],
  minima: ['math', 'polynomial', 'homotopy', 'network', 'data'],
  initialize: ['math', 'homotopy', 'gpu', 'network', 'minima', 'generated'],
  liveness: ['math', 'gpu', 'network', 'initialize', 'generated'],
  charts: ['network', 'minima', 'liveness'],
  experiments: ['math', 'gpu', 'network', 'data', 'initialize', 'liveness', 'charts'],
  data: ['math'],
};
const folders = [...Object.keys(imports), 'cli'];

const layers = Object.entries(imports).map(([folder, allowed]) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: folders
              .filter((other) => other !== folder && !allowed.includes(other))
              .map((other) => `**/${other}/**`),
            message: `src/${folder} may import from: ${allowed.join(', ') || 'nothing else'}.`,
          },
          {
            group: nodeModules,
            message: 'This must also run in a page: put it behind #platform or into src/cli.',
          },
        ],
      },
    ],
  },
}));

export default defineConfig(
  globalIgnores(['dist/', 'src/generated/', 'coverage/', 'results/']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Index loops over typed arrays are the numeric code's natural form.
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Tests replace methods of prototypes and put them back.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'URL',
          'navigator',
          'performance',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'Buffer',
          'fetch',
          'AbortController',
          'AbortSignal',
        ].map((name) => [name, 'readonly']),
      ),
    },
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }] },
  },
  ...layers,
  {
    files: ['src/gpu/platform-node.ts', 'src/data/*-file.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
);
