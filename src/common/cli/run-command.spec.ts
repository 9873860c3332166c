import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { StartError } from '../config/start-error.js';
import { runCommand } from './run-command.js';

describe('a command', () => {
  let written: string;
  beforeEach(() => {
    written = '';
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written += String(text);
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.exitCode = 0;
  });

  it('that fails for a reason that a person can fix says so in one line and exits with 1', async () => {
    await runCommand(() => Promise.reject(new StartError('Port 3000 is taken.')));

    expect(written).toBe('Port 3000 is taken.\n');
    expect(process.exitCode).toBe(1);
  });

  it('that fails for any other reason shows where, and exits with 1', async () => {
    await runCommand(() => Promise.reject(new Error('unforeseen')));

    expect(written).toMatch(/Error: unforeseen\n\s+at /);
    expect(process.exitCode).toBe(1);
  });

  it('that succeeds says nothing', async () => {
    await runCommand(() => Promise.resolve());

    expect(written).toBe('');
  });
});
