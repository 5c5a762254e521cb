/** Imports go downward only. A folder may import itself and folders on lower lines; folders of one line never meet. */
const layers = [
  ['kernel'],
  ['config', 'embedded', 'outbound', 'r4'],
  ['mapping', 'access', 'seal'],
  ['conformance'],
  ['store', 'queue', 'files', 'channels'],
  ['projection', 'audit'],
  ['http'],
  ['console', 'fhir', 'smart', 'staff', 'workers'],
  ['cli', 'main.ts'],
]
const path = (names) => `^src/(${names.join('|').replace(/\./g, '\\.')})(/|$)`
const notBelow = (level) => layers.slice(level).flat()

export default {
  forbidden: [
    ...layers.slice(0, -1).flatMap((names, level) =>
      names.map((name) => ({
        name: `layer-${name}`,
        comment: `${name} may import itself and the layers below it only`,
        severity: 'error',
        from: { path: path([name]) },
        to: { path: path(notBelow(level).filter((other) => other !== name)) },
      })),
    ),
    {
      name: 'mongodb-only-in-store',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/store/' },
      to: { path: 'node_modules/(mongodb|mongoose)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'redis-only-in-queue',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/queue/' },
      to: { path: 'node_modules/(ioredis|bullmq)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'express-only-at-the-edge',
      severity: 'error',
      from: {
        path: '^src/(kernel|config|embedded|outbound|r4|mapping|access|seal|conformance|store|queue|files|channels|projection|audit|workers)/',
      },
      to: { path: 'node_modules/express/' },
    },
    {
      name: 'no-development-package-at-run-time',
      comment: 'the image holds dependencies only; src/r4/extract.ts runs at development time',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/r4/extract' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
}
