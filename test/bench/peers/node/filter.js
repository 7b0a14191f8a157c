import { parse } from '@rsql/parser';

const ranks = { A: 1, B: 2, C: 3, D: 4 };
const columns = { registry: 'a.registry', repository: 'a.repository', name: 'a.name' };

/** What a client can mend: answered as 400. */
export class BadRequest extends Error {
  statusCode = 400;
}

function escapeLike(text) {
  return text.replace(/[\\%_]/g, '\\$&');
}

function membership(node, sql, bind, toValue) {
  const values = [node.right.value].flat().map(toValue);
  const isNegated = node.operator === '!=' || node.operator === '=out=';
  if (!isNegated && !['==', '=in='].includes(node.operator)) {
    throw new BadRequest(`${node.operator} does not apply to ${node.left.selector}`);
  }
  if (values.length === 1) {
    return `${sql} ${isNegated ? 'is distinct from' : '='} ${bind(values[0])}`;
  }
  return `${isNegated ? 'not ' : ''}coalesce(${sql} = any(${bind(values)}), false)`;
}

function comparison(node, bind) {
  const name = node.left.selector;
  if (name === 'class') {
    return membership(node, 'a.class_rank', bind, (it) => {
      if (!Object.hasOwn(ranks, it)) {
        throw new BadRequest(`A class is A, B, C or D, not ${it}`);
      }
      return ranks[it];
    });
  }
  if (name === 'q' && node.operator === '==') {
    return `a.search like ${bind(`%${escapeLike(node.right.value.toLowerCase())}%`)}`;
  }
  if (Object.hasOwn(columns, name)) {
    return membership(node, columns[name], bind, (it) => it);
  }
  throw new BadRequest(`Unknown field or operator: ${name}${node.operator}`);
}

function condition(node, bind) {
  if (node.type === 'COMPARISON') {
    return comparison(node, bind);
  }
  const word = node.operator === ';' || node.operator === 'and' ? 'and' : 'or';
  return `(${condition(node.left, bind)} ${word} ${condition(node.right, bind)})`;
}

/** The SQL condition over the row `a` of an RSQL expression; `bind` numbers its values. */
export function filterToSql(text, bind) {
  let tree;
  try {
    tree = parse(text);
  } catch (error) {
    throw new BadRequest(error.message);
  }
  return condition(tree, bind);
}
