/** Who is next: first come, first served. Joining, leaving and taking cost the same however long it is. */
export class Turns<Member extends object> {
  #tickets: { readonly member: Member }[] = [];
  /** The first so many are gone: shifting a long array would cost its length. */
  #from = 0;
  /** The one ticket of each member that counts; who left has none, its old one is void. */
  readonly #valid = new Map<Member, object>();

  get size(): number {
    return this.#valid.size;
  }

  /** Goes to the end; who is there already keeps its place. */
  join(member: Member): void {
    if (this.#valid.has(member)) return;
    const ticket = { member };
    this.#valid.set(member, ticket);
    this.#tickets.push(ticket);
  }

  leave(member: Member): void {
    this.#valid.delete(member);
  }

  take(): Member | undefined {
    for (let ticket = this.#shift(); ticket !== undefined; ticket = this.#shift()) {
      if (this.#valid.get(ticket.member) !== ticket) continue;
      this.#valid.delete(ticket.member);
      return ticket.member;
    }
    return undefined;
  }

  #shift() {
    const ticket = this.#tickets[this.#from];
    this.#from += 1;
    if (this.#from >= this.#tickets.length) {
      this.#tickets = [];
      this.#from = 0;
    } else if (this.#from >= 1024 && this.#from * 2 >= this.#tickets.length) {
      this.#tickets = this.#tickets.slice(this.#from);
      this.#from = 0;
    }
    return ticket;
  }
}
