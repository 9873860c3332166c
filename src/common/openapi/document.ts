import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { Config } from '../config/config.js';
import { ProblemDto } from '../http/problems/problem.dto.js';
import { completeDocument } from './complete.js';
import { dtoClasses } from './dto-classes.js';

/** What the document says first; nothing of accounts and mailboxes that only development has. */
const descriptionFor = ({ production }: Config): string => `The backend of a shop.

Run **POST /auth/login**, and this page is signed in from then on.${production ? '' : DEMO}

A change needs the \`ETag\` of what it changes as \`If-Match\`: this page fills in ids that exist, their \`ETag\`, and a fresh
\`Idempotency-Key\`. Every failure is a problem document (RFC 9457) whose
\`type\` leads to a page that says what to do, and whose \`code\` is for programs: [all of them](/problems).`;

const DEMO = ` The bar at the top signs in with one click. The demo shop has
\`admin@stockroom.example\`, \`staff@stockroom.example\` and \`customer@stockroom.example\`, all with the password
\`open sesame, little shop\`; mail that it would send is at [/dev/mailbox](/dev/mailbox).`;

/** Draws the OpenAPI document from the controllers and DTOs; needs no database. */
export function createDocument(app: NestFastifyApplication, config: Config): OpenAPIObject {
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Stockroom')
    .setDescription(descriptionFor(config))
    .setVersion('1')
    .setContact('Stockroom', config.production ? config.publicUrl : 'https://shop.example/', 'api@shop.example')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'This server, be it local, staging or production.')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'The `accessToken` of a login: a JWT, checked as RFC8725 asks.',
    })
    .build();
  if (config.production) delete base.info.contact?.email;
  const document = SwaggerModule.createDocument(app, base, {
    extraModels: [ProblemDto],
    operationIdFactory: operationId,
  });
  return completeDocument(document, dtoClasses(app, operationId, [ProblemDto]));
}

/** `productsList` for the method `list` of `ProductsController`. */
const operationId = (controller: string, method: string): string =>
  controller.charAt(0).toLowerCase() +
  controller.slice(1).replace(/Controller$/, '') +
  method.charAt(0).toUpperCase() +
  method.slice(1);
