import { code, page, table } from './markdown.js';

/** Every key of a scenario file, from its JSON Schema. */
export function scenarioPage({ scenarioJsonSchema }) {
  return page(
    'Scenario files',
    'A scenario is a YAML (or JSON) file of at most 64 KB. Unknown keys are errors; `cluster-chat validate` lists all ' +
      'mistakes at once. `cluster-chat schema` prints the JSON Schema from which this page is made, for editors. In ' +
      'keys, `[]` stands for every item of a list and `<name>` for a name of your choice.',
    table(['key', 'type', 'default', 'meaning'], keysOf(scenarioJsonSchema(), '')),
  );
}

/** One row for every key below a schema, the key before what is in it. */
function keysOf(schema, path) {
  const rows = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const key = path === '' ? name : `${path}.${name}`;
    const isRequired = schema.required?.includes(name) === true;
    const preset = property.default === undefined ? '' : code(JSON.stringify(property.default));
    // A default that is an object only says that the keys in it have defaults of their own.
    const hasOwnDefault = preset !== '' && preset !== '`{}`';
    rows.push([
      code(key),
      typeOf(property),
      isRequired ? '**required**' : hasOwnDefault ? preset : '',
      property.description ?? '',
    ]);
    rows.push(...keysInside(property, key));
  }
  return rows;
}

/** Its keys are those of a step, apart from those that give a step its time. */
const sameAsSteps = 'steps[].chaos.faults';

function keysInside(property, key) {
  if (key === sameAsSteps) return [];
  const alternatives = property.anyOf ?? [property];
  return alternatives.flatMap((schema) => {
    if (schema.type === 'array') return keysInside(schema.items, `${key}[]`);
    if (typeof schema.additionalProperties === 'object')
      return keysInside(schema.additionalProperties, `${key}.<name>`);
    return keysOf(schema, key);
  });
}

function typeOf(schema) {
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(', or ');
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((value) => code(String(value))).join(', ');
  switch (schema.type) {
    case 'array':
      return `list of: ${typeOf(schema.items)}`;
    case 'object':
      return typeof schema.additionalProperties === 'object' ? mapOf(schema) : 'object';
    case 'integer':
    case 'number':
      return `${schema.type}${bounds(schema)}`;
    default:
      return schema.type ?? 'anything';
  }
}

function mapOf(schema) {
  const names = schema.propertyNames?.enum;
  return `${names === undefined ? 'names' : '[metrics](metrics.md)'}, each with: ${typeOf(schema.additionalProperties)}`;
}

function bounds({ minimum, maximum }) {
  // Beyond it lies no rule of ours, only the end of exact numbers.
  const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (minimum === undefined) return isBounded ? ` up to ${maximum}` : '';
  return isBounded ? ` from ${minimum} to ${maximum}` : ` from ${minimum}`;
}
