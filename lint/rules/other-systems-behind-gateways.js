/** Packages that call other systems, whichever name is taken from them: mail, HTTP, queues, payment providers, object stores. */
const CALLING_PACKAGES =
  /^(nodemailer|undici|axios|got|ky|node-fetch|cross-fetch|superagent|request|ws|amqplib|kafkajs|nats|stripe|braintree|minio|ssh2|ftp|ldapjs|twilio|webhook|web-push|@nestjs\/(axios|microservices)|@aws-sdk\/.+|@google-cloud\/.+|@azure\/.+|@adyen\/.+|@paypal\/.+|@sendgrid\/.+|(node:)?(dgram|dns|dns\/promises))(\/.+)?$/;

/**
 * What calls out of the modules of Node.js that serve as well. No other systems in this sense: the database (pg, PGlite), which
 * units of work are made of; the counters of limits (ioredis), which are asked before a unit begins; servers of this process.
 */
const CALLING_NAMES = {
  http: new Set(['request', 'get', 'Agent', 'ClientRequest', 'default']),
  https: new Set(['request', 'get', 'Agent', 'default']),
  http2: new Set(['connect', 'default']),
  net: new Set(['connect', 'createConnection', 'Socket', 'Stream', 'default']),
  tls: new Set(['connect', 'TLSSocket', 'default']),
};

const CALLING_GLOBALS = new Set(['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']);

/** Called when no unit can be open: as the process starts and stops. */
const LIFE_CYCLE =
  /^(onModuleInit|onApplicationBootstrap|onModuleDestroy|beforeApplicationShutdown|onApplicationShutdown)$/;

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'Other systems are called by gateways, outside of units of work.' },
    schema: [],
    messages: {
      beside:
        '{{name}} calls another system, which no rollback takes back: do that in a *.gateway.ts, whose methods begin with assertOutsideUnit(…), and call it in a job or after the unit of work.',
      unchecked:
        '{{name}}() of a gateway may be called inside of a unit of work: let its first statement be assertOutsideUnit(…).',
    },
  },
  create(context) {
    const isGateway = /\.gateway\.ts$/.test(context.filename);
    const reportCall = (node, name) => {
      if (!isGateway) context.report({ node, messageId: 'beside', data: { name } });
    };
    const check = (node, name, called) => {
      if (isGateway && !beginsWithCheck(called)) context.report({ node, messageId: 'unchecked', data: { name } });
    };
    /** A class, function or value that a gateway gives to others. */
    const checkExported = (declared) => {
      if (!declared) return;
      if (isFunction(declared)) check(declared, declared.id?.name ?? 'default', declared);
      if (declared.type === 'VariableDeclaration')
        for (const { id, init } of declared.declarations) if (isFunction(init)) check(id, id.name, init);
    };
    return {
      'ImportDeclaration[importKind!="type"]'({ source, specifiers }) {
        if (CALLING_PACKAGES.test(source.value)) {
          if (specifiers.length === 0 || specifiers.some(({ importKind }) => importKind !== 'type'))
            reportCall(source, source.value);
          return;
        }
        const names = CALLING_NAMES[source.value.replace(/^node:/, '')];
        if (!names) return;
        for (const part of specifiers) {
          const name = part.type === 'ImportSpecifier' ? part.imported.name : 'default';
          if (part.importKind !== 'type' && names.has(name)) reportCall(part, `${name} of ${source.value}`);
        }
      },
      ':matches(ImportExpression, ExportNamedDeclaration, ExportAllDeclaration)'({ source }) {
        const from = source?.value;
        if (typeof from === 'string' && (CALLING_PACKAGES.test(from) || from.replace(/^node:/, '') in CALLING_NAMES))
          reportCall(source, from);
      },
      'Program:exit'(program) {
        const { through, variables } = context.sourceCode.getScope(program);
        // a name that the file declares itself is another one
        const known = variables.filter(({ defs }) => defs.length === 0).flatMap(({ references }) => references);
        for (const { identifier } of [...through, ...known])
          if (CALLING_GLOBALS.has(identifier.name) && !isType(identifier)) reportCall(identifier, identifier.name);
      },
      MemberExpression(node) {
        const name = node.computed ? node.property.value : node.property.name;
        if (node.object.name === 'globalThis' && CALLING_GLOBALS.has(name)) reportCall(node, name);
      },
      'VariableDeclarator[init.name="globalThis"] > ObjectPattern > Property'({ key }) {
        if (CALLING_GLOBALS.has(key.name)) reportCall(key, key.name);
      },
      'ExportNamedDeclaration, ExportDefaultDeclaration'({ declaration }) {
        checkExported(declaration);
      },
      'ExportNamedDeclaration[source=null] > ExportSpecifier'(specifier) {
        const { set } = context.sourceCode.getScope(specifier);
        for (const { node } of set.get(specifier.local.name)?.defs ?? [])
          if (isFunction(node)) checkExported(node);
          else if (isFunction(node.init)) check(specifier, specifier.local.name, node.init);
      },
      ':matches(MethodDefinition[kind!="constructor"], PropertyDefinition)'({ key, value, accessibility }) {
        const name = key.name ?? String(key.value);
        const isPrivate = accessibility === 'private' || key.type === 'PrivateIdentifier';
        if (!isFunction(value) || isPrivate || LIFE_CYCLE.test(name)) return;
        check(key, name, value);
      },
    };
  },
};

const isFunction = (node) =>
  ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(node?.type);

/** `typeof fetch` in a type calls nothing. */
const isType = ({ parent }) => parent.type === 'TSTypeQuery' || parent.type === 'TSTypeReference';

/** Whether the first statement of a function is `assertOutsideUnit(…)`. */
function beginsWithCheck({ body }) {
  const first = body?.type === 'BlockStatement' ? body.body[0] : undefined;
  return first?.type === 'ExpressionStatement' && first.expression.callee?.name === 'assertOutsideUnit';
}
