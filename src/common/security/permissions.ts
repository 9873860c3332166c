import type { Role } from './roles.js';

/** One thing that may be allowed, `<feature>:<action>`, and the roles it is granted to; `admin` has every one. */
export interface Permission {
  readonly name: string;
  readonly roles: readonly Role[];
  /** What it lets one do, as the document says it. */
  readonly description: string;
}

const registry = new Map<string, Permission>();

/** Registers a permission, so that {@link Permit} can ask for it by its name. */
export function definePermission(name: `${string}:${string}`, roles: readonly Role[], description: string): Permission {
  if (registry.has(name)) throw new Error(`the permission ${name} is defined twice`);
  const permission = Object.freeze({ name, roles: [...new Set<Role>([...roles, 'admin'])], description });
  registry.set(name, permission);
  return permission;
}

/** Every permission there is, by name. */
export const permissions = (): ReadonlyMap<string, Permission> => registry;

/** The names of what the roles may do, together. */
export function permissionsOf(roles: readonly Role[]): ReadonlySet<string> {
  return new Set(
    [...registry.values()]
      .filter((permission) => permission.roles.some((role) => roles.includes(role)))
      .map((permission) => permission.name),
  );
}
