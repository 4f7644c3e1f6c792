/** Stands for Node's modules in a page. */
export default {};
