/** The two commands whose work is the harness's: only their options are in this folder, their tools lie beside this code in dist/. */

/** @param name of the command, and of its file (harness/tools.mjs) */
export async function loadTool<Tool>(name: 'bench' | 'verify'): Promise<Tool> {
  return (await import(new URL(`./${name}.js`, import.meta.url).href)) as Tool;
}
