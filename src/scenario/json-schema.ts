import * as z from 'zod';
import { metricTable } from '../record/metrics.js';
import { scenarioSchema } from './schema.js';

/**
 * The JSON Schema of a scenario file, in draft-07, which is what the YAML support of editors reads.
 * It describes what may be written; rules between keys are checked by `validate` only.
 */
export function scenarioJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(scenarioSchema, {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) => {
      // Editors complete the names of metrics; the record itself accepts any key.
      if (zodSchema === scenarioSchema.shape.thresholds.unwrap()) {
        jsonSchema.propertyNames = { enum: Object.keys(metricTable) };
      }
    },
  });
}
