declare module 'fs-native-extensions' {
  /** Takes an exclusive lock on an open file, held until the descriptor is closed or the process ends; false if another has it. */
  export function tryLock(descriptor: number): boolean;
}
