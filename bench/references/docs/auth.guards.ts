import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';

export interface Caller {
  userId: string;
  roles: string[];
}

const ROLES = 'roles';
export const Roles = (...roles: string[]): MethodDecorator => SetMetadata(ROLES, roles);

@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {}

@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const required = this.reflector.getAllAndOverride<string[]>(ROLES, [context.getHandler(), context.getClass()]);
    const { user } = context.switchToHttp().getRequest<{ user: Caller }>();
    return required.some((role) => user.roles.includes(role));
  }
}
