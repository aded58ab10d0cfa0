// The peer: Node's own HTTPS server, which answers everything with the text that it was given.
// arguments: PLAN, a file with {cert, key, port, text}.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'

const { cert, key, port, text } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  cert: string
  key: string
  port: number
  text: string
}
const server = createServer({ cert, key, minVersion: 'TLSv1.2' }, (_request, response) => {
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
})
server.keepAliveTimeout = 65_000
server.listen(port, '127.0.0.1', () => console.log('ready'))
