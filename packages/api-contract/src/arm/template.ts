import Type, { type Static } from 'typebox'
import { systemData, tags } from './schema/common.ts'
import { dateTime, list, model, named, readOnly, text } from './schema/shape.ts'

/** Deployment templates of `Microsoft.Resources/deployments`: their shape. What expressions come to is evaluated elsewhere. */

/** Azure's limits of a template. */
export const TEMPLATE_LIMITS = { parameters: 256, variables: 256, resources: 800, outputs: 64 } as const

export const PARAMETER_TYPES = [
  'string',
  'securestring',
  'int',
  'bool',
  'object',
  'secureobject',
  'array',
] as const
export type ParameterType = (typeof PARAMETER_TYPES)[number]

/** Types of parameters and outputs whose values are secrets: never stored in a deployment, never answered. */
export const SECURE_PARAMETER_TYPES: readonly ParameterType[] = ['securestring', 'secureobject']

const anything = Type.Unknown()
/** A number or an expression, as text. */
const number = Type.Unsafe<number>({ type: ['integer', 'string'] })

const templateParameter = model(
  'TemplateParameter',
  { type: named(PARAMETER_TYPES) },
  {
    defaultValue: anything,
    allowedValues: Type.Array(anything),
    minValue: number,
    maxValue: number,
    minLength: number,
    maxLength: number,
    metadata: anything,
  },
)

const templateResource = model(
  'TemplateResource',
  /** Either may be an expression, as `[parameters('name')]`; the type may not. */
  { type: text, apiVersion: text, name: text },
  {
    location: text,
    dependsOn: list(text),
    condition: Type.Unsafe<boolean | string>({ type: ['boolean', 'string'] }),
    copy: anything,
    scope: text,
    tags: anything,
    sku: anything,
    identity: anything,
    kind: text,
    properties: anything,
    comments: text,
  },
)

const templateOutput = model(
  'TemplateOutput',
  { type: named(PARAMETER_TYPES) },
  { value: anything, condition: Type.Unsafe<boolean | string>({ type: ['boolean', 'string'] }) },
)

/** A deployment template. Sections that we do not evaluate (user functions, language version 2) are let through. */
export const templateSchema = model(
  'Template',
  {
    contentVersion: text,
    resources: Type.Array(templateResource, { maxItems: TEMPLATE_LIMITS.resources }),
  },
  {
    $schema: text,
    parameters: Type.Record(Type.String(), templateParameter, { maxProperties: TEMPLATE_LIMITS.parameters }),
    variables: Type.Record(Type.String(), anything, { maxProperties: TEMPLATE_LIMITS.variables }),
    outputs: Type.Record(Type.String(), templateOutput, { maxProperties: TEMPLATE_LIMITS.outputs }),
  },
)

const parameterValue = model('DeploymentParameter', {}, { value: anything, reference: anything })

/** Values of a template's parameters by name: what a deployment carries and a parameter file holds. */
export const templateParametersSchema = Type.Record(Type.String(), parameterValue, {
  maxProperties: TEMPLATE_LIMITS.parameters,
})

export const DEPLOYMENT_MODES = ['Incremental', 'Complete'] as const

/**
 * Body of a deployment. Which of its parameters are secrets, its template says (`SECURE_PARAMETER_TYPES`): it is
 * `deploymentExtended` that is kept and answered, never this.
 */
export const deploymentSchema = model(
  'Deployment',
  {
    properties: model(
      'DeploymentProperties',
      { mode: named(DEPLOYMENT_MODES) },
      {
        template: templateSchema,
        templateLink: anything,
        parameters: templateParametersSchema,
        parametersLink: anything,
        debugSetting: anything,
        expressionEvaluationOptions: anything,
        onErrorDeployment: anything,
        validationLevel: text,
      },
    ),
  },
  { location: text, tags },
)

const deploymentResult = {
  provisioningState: readOnly(
    named(['Accepted', 'Running', 'Succeeded', 'Failed', 'Canceled', 'Creating', 'Updating', 'Deleting']),
  ),
  correlationId: readOnly(text),
  timestamp: readOnly(dateTime),
  /** ISO 8601, as `PT1.5S`. */
  duration: readOnly(text),
  mode: named(DEPLOYMENT_MODES),
  parameters: anything,
  outputs: anything,
  outputResources: list(model('ResourceReference', {}, { id: text })),
  dependencies: list(anything),
  providers: list(anything),
  templateHash: readOnly(text),
  error: anything,
} as const

/** `DeploymentExtended`: what is answered of a deployment. */
export const deploymentExtended = model(
  'DeploymentExtended',
  {},
  {
    id: readOnly(text),
    name: readOnly(text),
    type: readOnly(text),
    location: text,
    tags,
    systemData,
    properties: model('DeploymentPropertiesExtended', {}, deploymentResult),
  },
)

/** `DeploymentValidateResult`. */
export const deploymentValidation = model(
  'DeploymentValidateResult',
  {},
  {
    id: text,
    name: text,
    type: text,
    properties: model('DeploymentValidatedProperties', {}, deploymentResult),
    error: anything,
  },
)

/** `DeploymentExportResult`. */
export const deploymentExport = model('DeploymentExportResult', {}, { template: anything })

/** `DeploymentOperation`: one resource of a deployment. */
export const deploymentOperation = model(
  'DeploymentOperation',
  {},
  {
    id: readOnly(text),
    operationId: readOnly(text),
    properties: model(
      'DeploymentOperationProperties',
      {},
      {
        provisioningOperation: readOnly(text),
        provisioningState: readOnly(text),
        timestamp: readOnly(dateTime),
        duration: readOnly(text),
        statusCode: readOnly(text),
        statusMessage: anything,
        targetResource: anything,
      },
    ),
  },
)

/** A deployment template. */
export type Template = Static<typeof templateSchema>
/** A resource of a template, its texts perhaps expressions. */
export type TemplateResource = Static<typeof templateResource>
/** Values of parameters by name. */
export type TemplateParameters = Static<typeof templateParametersSchema>
/** Body of a deployment. */
export type Deployment = Static<typeof deploymentSchema>
