import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { Config } from '../config/config.js';
import { completeDocument } from './complete.js';

/** Draws the OpenAPI document from the controllers and DTOs; needs no database. */
export function createDocument(app: NestFastifyApplication, config: Config): OpenAPIObject {
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Stockroom')
    .setDescription(
      [
        'The backend of a shop. To try what needs signing in, run **POST /auth/login**: the page is signed in from then on.',
        'Changes need the `ETag` of what they change as `If-Match`; every failure is a problem document (RFC 9457) whose',
        '`type` leads to a page that says what to do.',
      ].join(' '),
    )
    .setVersion('1')
    .addServer(config.publicUrl)
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The `accessToken` of a login.' })
    .build();
  const document = SwaggerModule.createDocument(app, base, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  return completeDocument(document);
}
