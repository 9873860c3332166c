import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';
import type { Permission } from './permissions.js';

/** Who may call a route: anybody, any signed-in user, or whoever has a permission. */
export type Access = 'public' | 'signed-in' | Permission;

export const ACCESS = Symbol('access');

/** Open to everybody; a token that is sent all the same must be valid, and then its caller is known. */
export const Public = (): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ACCESS, 'public' satisfies Access), ApiExtension('x-access', 'public'));

/** Open to every signed-in user, for things of their own. */
export const SignedIn = (): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(ACCESS, 'signed-in' satisfies Access),
    ApiExtension('x-access', 'signed-in'),
    ApiBearerAuth(),
  );

/** Open to whoever has the permission. */
export const Permit = (permission: Permission): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(ACCESS, permission satisfies Access),
    ApiExtension('x-access', permission.name),
    ApiBearerAuth(),
  );
