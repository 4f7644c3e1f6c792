/** What translators to WebAssembly have in common: a complex number is one f64x2. */
import { Type, type FunctionBody } from '../../../math/wasm-assembler.js';

/** Leaves i times a local. */
export function rotate(body: FunctionBody, local: number): void {
  body.get(local).get(local).shuffle(1, 0).vectorConstant(-0, 0).xorVector();
}

/** The largest of some numbers: NaN if one is. */
export class SizeEmitter {
  private readonly largest: number;

  constructor(private readonly body: FunctionBody) {
    this.largest = body.local(Type.v128);
    body.vectorConstant(0, 0).set(this.largest);
  }

  /** Takes the square of the modulus of a local. */
  square(local: number): void {
    const { body } = this;
    const squares = body.local(Type.v128);
    body.get(local).get(local).multiplyVector().tee(squares);
    body.get(squares).get(squares).shuffle(1, 0).addVector();
    this.take();
  }

  /** Takes both parts of a local. */
  largestPart(local: number): void {
    this.body.get(local).absoluteVector();
    this.take();
  }

  /** Leaves it, as f64. */
  push(): void {
    this.body.get(this.largest).extractLane(0).get(this.largest).extractLane(1).maximum();
  }

  store(address: number): void {
    this.body.i32(0);
    this.push();
    this.body.storeF64(address);
  }

  private take(): void {
    this.body.get(this.largest).maximumVector().set(this.largest);
  }
}
