/** The option that the commands of the queue share. */
import { Option } from 'commander';

/** An address may hold a password: the environment keeps it out of lists of processes. */
export function queueOption(): Option {
  return new Option(
    '--queue <address>',
    'redis://[user:password@]host[:port][/database], or rediss:// for TLS',
  )
    .env('LPS_QUEUE')
    .makeOptionMandatory();
}
