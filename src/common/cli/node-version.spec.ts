import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MINIMUM_NODE, refusalOf } from './node-version.js';

const textOf = (file: string): string => readFileSync(file, 'utf8');

describe('the version of Node.js', () => {
  it.each(['v20.20.2', 'v22.14.0', 'v12.22.12'])(
    '%s is refused in one line that names the oldest that runs',
    (version) => {
      expect(refusalOf(version)).toMatch(new RegExp(`^[^\\n]*${MINIMUM_NODE}[^\\n]*${version}[^\\n]*$`));
    },
  );

  it.each(['v22.15.0', 'v22.22.3', 'v24.0.0', 'v26.1.0', process.version])('%s is not', (version) => {
    expect(refusalOf(version)).toBeUndefined();
  });

  it('is the same wherever it is written', () => {
    const { engines, devDependencies } = JSON.parse(textOf('package.json')) as {
      engines: { node: string };
      devDependencies: { node: string };
    };
    const [, install = ''] = /^>=(\d+\.\d+)$/.exec(engines.node) ?? [];
    expect(textOf('README.md')).toContain(`Node.js ${install} or newer`);
    expect(textOf('README.md')).toContain(`Node.js ${MINIMUM_NODE.replace(/\.0$/, '')} or newer`);
    expect(textOf('.nvmrc').trim()).toBe(devDependencies.node);
    expect(textOf('Dockerfile').match(/^FROM node:[\d.]+/gm)).toEqual(
      Array(2).fill(`FROM node:${devDependencies.node}`),
    );
  });
});
