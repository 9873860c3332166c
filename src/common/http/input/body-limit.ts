import { ApiExtension } from '@nestjs/swagger';

/** How many bytes a JSON body may have where neither the route nor its DTO says anything else. */
export const BODY_LIMIT = 64 * 1024;

/**
 * Limits the JSON bodies of a route, or of all routes of a controller, to so many bytes, unpacked: 413 beyond. The document
 * names the limit, and Fastify keeps to it.
 */
export const BodyLimit = (bytes: number): MethodDecorator & ClassDecorator => ApiExtension('x-body-limit', bytes);
