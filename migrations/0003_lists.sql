-- Refunds listed by where they were asked for, who asked, and in which store: newest first, a page at a time.
create index refund_terminal on refund (tenant_id, terminal_no, created_at desc, refund_no desc);
create index refund_staff on refund (tenant_id, requested_by, created_at desc, refund_no desc);
create index refund_store on refund (tenant_id, store_no, created_at desc, refund_no desc);
