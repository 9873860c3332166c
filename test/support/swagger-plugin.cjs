// The swagger plugin of `nest build` (nest-cli.json) as ts-jest takes it: without it the document would be empty in tests.
const plugin = require('@nestjs/swagger/plugin');
const { compilerOptions } = require('../../nest-cli.json');

const { options } = compilerOptions.plugins.find(({ name }) => name === '@nestjs/swagger');

module.exports = {
  name: 'nestjs-swagger',
  version: JSON.stringify(options),
  // ts-jest's `compiler.program` is the one it began with; the types of what was read since stand in the present one.
  factory: (compiler) => plugin.before(options, compiler._languageService.getProgram()),
};
