import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';
import { RouteOption } from '../http/syntax/route-option.js';
import type { Permission } from './permissions.js';

/** Who may call a route: anybody, any signed-in user, or a user with a permission. */
export type Access = 'public' | 'signed-in' | Permission;

export const ACCESS = Symbol('access');

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; undefined of what is no route of a controller, or of one that says nothing. */
    access?: Access;
  }
}

/** Says it to Nest's guard, and to the hook that refuses before a body is read. */
const accessTo = (access: Access): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ACCESS, access), RouteOption({ access }));

/** Open to everybody. Who calls is known, and a token must be valid, only where the route asks for it by `@OptionalCaller()`. */
export const Public = (): MethodDecorator & ClassDecorator =>
  applyDecorators(accessTo('public'), ApiExtension('x-access', 'public'));

/** Open to every signed-in user. */
export const SignedIn = (): MethodDecorator & ClassDecorator =>
  applyDecorators(accessTo('signed-in'), ApiExtension('x-access', 'signed-in'), ApiBearerAuth());

/** Open to users with the permission. */
export const Permit = (permission: Permission): MethodDecorator & ClassDecorator =>
  applyDecorators(accessTo(permission), ApiExtension('x-access', permission.name), ApiBearerAuth());

/**
 * Open to the owner of a thing, and to holders of a permission, if one is given; for anybody else who is signed in, the
 * thing is 404, and in no list. The service decides that by `requireOwner` and `ownedBy`.
 */
export const Owner = (others?: Permission): MethodDecorator & ClassDecorator =>
  applyDecorators(SignedIn(), ApiExtension('x-owner', others?.name ?? ''));
