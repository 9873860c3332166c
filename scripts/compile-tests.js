// Compiles the sources and tests for Jest, once for all its workers: as `nest build` does, with the same plugin, without
// which the document would be empty. Types are not checked here (`npm run typecheck` does). Does nothing when no source changed.
import { createRequire } from 'node:module';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { COMPILED } from './jest-transformer.js';

const INPUTS = [
  '{src,test,tools,schematics}/**/*.ts',
  'bench/*.ts',
  'ormconfig.ts',
  'tsconfig.json',
  'nest-cli.json',
  'package-lock.json',
];
/** What the compiled application serves as it is. */
const ASSETS = 'src/common/openapi/page';
const STAMP = `${COMPILED}/inputs`;

// names too: a file that was deleted leaves nothing newer behind
const state = globSync([...INPUTS, `${ASSETS}/*`])
  .sort()
  .map((file) => `${file} ${String(statSync(file).mtimeMs)}`)
  .join('\n');
if (read(STAMP) !== state) {
  rmSync(COMPILED, { recursive: true, force: true });
  compile();
  cpSync(ASSETS, join(COMPILED, ASSETS), { recursive: true });
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, state);
}

function compile() {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
  const program = ts.createProgram(fileNames, {
    ...options,
    // the plugin writes imports relative to where files go: beside their sources, for it
    outDir: undefined,
    sourceMap: false,
    inlineSourceMap: true,
    noEmitOnError: false,
  });
  const { before } = createRequire(import.meta.url)('@nestjs/swagger/plugin');
  const { plugins } = JSON.parse(readFileSync('nest-cli.json', 'utf8')).compilerOptions;
  const { options: settings } = plugins.find(({ name }) => name === '@nestjs/swagger');
  const { diagnostics } = program.emit(undefined, write, undefined, false, { before: [before(settings, program)] });
  const syntax = [...program.getSyntacticDiagnostics(), ...diagnostics];
  if (syntax.length === 0) return;
  process.stderr.write(
    ts.formatDiagnostics(syntax, {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => process.cwd(),
      getNewLine: () => '\n',
    }),
  );
  process.exit(1);
}

function write(file, text) {
  const target = join(COMPILED, relative('.', file));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
