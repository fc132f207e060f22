/** A binary heap: the item with the smallest key first, of equal ones any. */
export class Heap<Item> {
  readonly #items: { key: number; item: Item }[] = [];

  push(key: number, item: Item): void {
    const items = this.#items;
    let index = items.length;
    items.push({ key, item });
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#key(parent) <= this.#key(index)) return;
      this.#swap(parent, index);
      index = parent;
    }
  }

  peek(): { key: number; item: Item } | undefined {
    return this.#items[0];
  }

  pop(): Item | undefined {
    const top = this.#items[0];
    const last = this.#items.pop();
    if (top === undefined || last === undefined || this.#items.length === 0) return top?.item;
    this.#items[0] = last;
    this.#sink();
    return top.item;
  }

  #sink(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const child = this.#key(left + 1) < this.#key(left) ? left + 1 : left;
      if (!(this.#key(child) < this.#key(index))) return;
      this.#swap(index, child);
      index = child;
    }
  }

  /** Behind the end there is nothing smaller. */
  #key(index: number): number {
    return this.#items[index]?.key ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#items[a], this.#items[b]];
    if (one === undefined || other === undefined) return;
    this.#items[a] = other;
    this.#items[b] = one;
  }
}
