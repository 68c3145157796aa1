-- One refund is two calls, each one round trip and one durable transaction.

create function floor.accept(which bigint, amount bigint, key text) returns bigint language plpgsql as $$
declare
  made bigint;
begin
  update floor.payment set held = held + amount where id = which and held + refunded + amount <= paid;
  if not found then
    return null;
  end if;
  insert into floor.refund (payment, request_key, fen) values (which, key, amount) returning id into made;
  insert into floor.evidence (refund, what, facts)
    values (made, 'requested', jsonb_build_object('payment', which, 'fen', amount, 'terminal', 't1'));
  insert into floor.job (refund) values (made);
  return made;
end $$;

create function floor.settle(which bigint) returns boolean language plpgsql as $$
declare
  done floor.refund;
begin
  update floor.refund set state = 'succeeded', settled_at = now()
   where id = which and state = 'sending' returning * into done;
  if not found then
    return false;
  end if;
  update floor.payment set held = held - done.fen, refunded = refunded + done.fen where id = done.payment;
  insert into floor.entry (refund, account, fen) values (which, 'merchant', -done.fen), (which, 'channel', done.fen);
  insert into floor.evidence (refund, what, facts)
    values (which, 'succeeded', jsonb_build_object('payment', done.payment, 'fen', done.fen, 'answer', 'SUCCESS'));
  delete from floor.job where refund = which;
  return true;
end $$;
