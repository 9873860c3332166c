import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

// What Linux says of processes.

/** The memory of a process, in bytes: now (`VmRSS`), or at most so far (`VmHWM`); 0 for one that has ended. */
export function memoryOf(pid: number, member: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  const [, kibibytes = '0'] = new RegExp(`${member}:\\s+(\\d+)`).exec(read(`/proc/${String(pid)}/status`)) ?? [];
  return Number(kibibytes) * 1024;
}

/** The processes that a process has started, and those that they have. */
export function childrenOf(pid: number): number[] {
  const folder = `/proc/${String(pid)}/task`;
  const own = entries(folder).flatMap((thread) => read(`${folder}/${thread}/children`).split(' '));
  return own.filter((id) => id !== '').flatMap((id) => [Number(id), ...childrenOf(Number(id))]);
}

/** How much a process has open: sockets, and all else. */
export function openedBy(pid: number): { sockets: number; files: number } {
  const folder = `/proc/${String(pid)}/fd`;
  const opened = { sockets: 0, files: 0 };
  for (const number of readdirSync(folder)) opened[isSocket(`${folder}/${number}`) ? 'sockets' : 'files']++;
  return opened;
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    // closed meanwhile
    return false;
  }
}

/** What a folder has; nothing when its process has ended. */
function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** The text of a file; empty when its process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
