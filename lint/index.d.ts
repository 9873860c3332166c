import type { Rule } from 'eslint';

declare const stockroom: { meta: { name: string }; rules: Record<string, Rule.RuleModule> };
export default stockroom;
