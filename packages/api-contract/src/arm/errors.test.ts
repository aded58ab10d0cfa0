import { describe, expect, it } from 'vitest'
import { armErrors, bearerChallenge, ERROR_STATUS, errorAnswer, faultsError } from './errors.ts'
import { operationPaths } from './operation.ts'

describe('errors', () => {
  it.each([
    [
      armErrors.resourceNotFound('Microsoft.Network/virtualNetworkGateways', 'x', 'rg'),
      404,
      'ResourceNotFound',
    ],
    [armErrors.parentNotFound('T', 'x', 'p'), 404, 'ParentResourceNotFound'],
    [armErrors.resourceGroupNotFound('rg'), 404, 'ResourceGroupNotFound'],
    [armErrors.subscriptionNotFound('s'), 404, 'SubscriptionNotFound'],
    [armErrors.deploymentNotFound('d'), 404, 'DeploymentNotFound'],
    [armErrors.invalidResourceType('wheels', 'Microsoft.Network'), 404, 'InvalidResourceType'],
    [armErrors.missingApiVersion(), 400, 'MissingApiVersionParameter'],
    [armErrors.invalidApiVersion('x', ['1', '2']), 400, 'InvalidApiVersionParameter'],
    [armErrors.noRegisteredProvider('T', 'l', 'v', ['1']), 400, 'NoRegisteredProviderFound'],
    [armErrors.locationRequired(), 400, 'LocationRequired'],
    [armErrors.invalidLocation('/id', 'here', 'there'), 409, 'InvalidResourceLocation'],
    [armErrors.authenticationFailed(), 401, 'AuthenticationFailed'],
    [armErrors.invalidToken('wrong audience'), 401, 'InvalidAuthenticationToken'],
    [armErrors.expiredToken('1', '2'), 401, 'ExpiredAuthenticationToken'],
    [armErrors.authorizationFailed('c', 'o', 'a', 's'), 403, 'AuthorizationFailed'],
    [armErrors.linkedAuthorizationFailed('c', 'o', 's', 'a', 'l'), 403, 'LinkedAuthorizationFailed'],
    [armErrors.anotherOperation('/id'), 409, 'AnotherOperationInProgress'],
    [armErrors.resourceInUse('/id', ['/a', '/b']), 409, 'ResourceInUse'],
    [armErrors.preconditionFailed('/id', 'W/"x"'), 412, 'PreconditionFailed'],
    [armErrors.retryable('/id'), 429, 'RetryableErrorDueToAnotherOperation'],
    [armErrors.tooManyRequests(7), 429, 'TooManyRequests'],
    [armErrors.notSupported('startSiteFailoverTest'), 501, 'OperationNotSupported'],
  ])('%j', (error, status, code) => {
    expect(errorAnswer(error)).toEqual({ status, body: { error } })
    expect(error.code).toBe(code)
    expect(error.message).toMatch(/^[A-Z].{20}/)
  })

  it('say what Azure says where its clients look at it', () => {
    expect(
      armErrors.resourceNotFound('Microsoft.Network/virtualNetworkGateways', 'x', 'rg').message,
    ).toContain(
      "The Resource 'Microsoft.Network/virtualNetworkGateways/x' under resource group 'rg' was not found.",
    )
    expect(armErrors.anotherOperation('/id', 'https://h/op').message).toContain('use uri: https://h/op.')
  })

  it('never ask az to register a provider', () => {
    expect(Object.keys(ERROR_STATUS)).not.toContain('MissingSubscriptionRegistration')
  })

  it('name every fault of a document, the first in the message and the target', () => {
    const fault = (path: string) => ({ path, problem: 'is odd', remedy: 'mend it' })
    expect(faultsError('InvalidParameter', [fault('a.b'), fault('')])).toEqual({
      code: 'InvalidParameter',
      message: 'a.b: is odd; mend it (and 1 more, see details)',
      target: 'a.b',
      details: [
        { code: 'InvalidParameter', message: 'a.b: is odd; mend it', target: 'a.b' },
        { code: 'InvalidParameter', message: 'is odd; mend it' },
      ],
    })
    expect(faultsError('InvalidParameter', [fault('a')]).message).toBe('a: is odd; mend it')
  })

  it('challenge with a header that holds one line, whatever the reason', () => {
    const header = bearerChallenge('https://login/t', armErrors.invalidToken('bad "x"\r\nSet-Cookie: é'))
    expect(header).toBe(
      `Bearer authorization_uri="https://login/t", error="invalid_token", error_description="The access token is invalid: bad 'x' Set-Cookie:  "`,
    )
  })
})

describe('operationPaths', () => {
  it('are where clients poll, safe to put into a header', () => {
    expect(operationPaths('s', 'Microsoft.Network', 'lo cal\r\n', 'g', '2024-07-01')).toEqual({
      status:
        '/subscriptions/s/providers/Microsoft.Network/locations/lo%20cal%0D%0A/operations/g?api-version=2024-07-01',
      result:
        '/subscriptions/s/providers/Microsoft.Network/locations/lo%20cal%0D%0A/operationResults/g?api-version=2024-07-01',
    })
  })
})
