// The rooms of the house and who may call whom. `npm run architecture` checks it; so does CI.
const room = (from, allowed) => ({
  name: `${from}-imports-only-${allowed.join('-and-') || 'itself'}`,
  severity: 'error',
  from: { path: `^${from}/` },
  to: {
    path: '^(data|train|models|pipeline|serve|scripts)/',
    pathNot: `^(${[from, ...allowed].join('|')})/`,
  },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    room('models', []),
    room('data', ['models/(base|text)']),
    room('train', ['models', 'data']),
    room('pipeline', ['models']),
    {
      ...room('serve', ['pipeline', 'models']),
      from: { path: '^serve/', pathNot: '^serve/(cli|testing)/' },
    },
    {
      name: 'cli-imports-no-scripts-but-benchmarks-and-lab',
      severity: 'error',
      from: { path: '^serve/cli/' },
      to: { path: '^scripts/', pathNot: '^scripts/(bench|lab|setup)/' },
    },
    {
      name: 'scripts-are-nobodys-library',
      severity: 'error',
      from: { path: '^(data|train|models|pipeline)/' },
      to: { path: '^(serve|scripts)/' },
    },
    {
      name: 'production-code-uses-no-dev-dependency',
      severity: 'error',
      from: { path: '^(data|train|models|pipeline|serve)/', pathNot: '\\.(test|fixture)\\.tsx?$|/testing/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/(@types|typescript)/' },
    },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: '\\.(test|d)\\.tsx?$|worker\\.ts$|\\.mjs$|^scripts/' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'default'],
    },
    exclude: { path: '^data/corpus/|^models/champion/' },
  },
};
