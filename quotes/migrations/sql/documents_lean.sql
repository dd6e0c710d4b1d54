-- Both tables of documents made anew with their columns in another order, and everything that hangs on them. The columns, in
-- their order, with their types, and as they are read from the rows before, are filled in by 0064_documents_lean.

SET LOCAL maintenance_work_mem = '256MB';

ALTER TABLE quotes_searchdoc RENAME TO quotes_searchdoc_before;
ALTER TABLE quotes_searchdoc_before DROP CONSTRAINT quotes_searchdoc_pkey;
DROP INDEX searchdoc_terms, searchdoc_newest;
CREATE TABLE quotes_searchdoc ($declared);
INSERT INTO quotes_searchdoc ($columns) SELECT $moved FROM quotes_searchdoc_before ORDER BY statement_id;
DROP TABLE quotes_searchdoc_before;
ALTER TABLE quotes_searchdoc ADD PRIMARY KEY (statement_id);
CREATE INDEX searchdoc_newest ON quotes_searchdoc (day DESC, statement_id DESC);
CREATE INDEX searchdoc_terms ON quotes_searchdoc USING gin (terms, pairs) WITH (fastupdate = on);

ALTER TABLE quotes_searchsample RENAME TO quotes_searchsample_before;
ALTER TABLE quotes_searchsample_before DROP CONSTRAINT quotes_searchsample_pkey;
DROP INDEX searchsample_terms, searchsample_newest;
ALTER TABLE quotes_searchsample3 RENAME TO quotes_searchsample3_before;
ALTER TABLE quotes_searchsample5 RENAME TO quotes_searchsample5_before;
ALTER TABLE quotes_searchsample7 RENAME TO quotes_searchsample7_before;
ALTER TABLE quotes_searchsample9 RENAME TO quotes_searchsample9_before;
CREATE TABLE quotes_searchsample ($declared, level smallint NOT NULL) PARTITION BY LIST (level);
CREATE TABLE quotes_searchsample3 PARTITION OF quotes_searchsample FOR VALUES IN (3);
CREATE TABLE quotes_searchsample5 PARTITION OF quotes_searchsample FOR VALUES IN (5);
CREATE TABLE quotes_searchsample7 PARTITION OF quotes_searchsample FOR VALUES IN (7);
CREATE TABLE quotes_searchsample9 PARTITION OF quotes_searchsample FOR VALUES IN (9);
INSERT INTO quotes_searchsample ($columns, level) SELECT $moved, level FROM quotes_searchsample_before ORDER BY statement_id;
DROP TABLE quotes_searchsample_before;
ALTER TABLE quotes_searchsample ADD PRIMARY KEY (statement_id, level);
CREATE INDEX searchsample_newest ON quotes_searchsample (day DESC);
CREATE INDEX searchsample_terms ON quotes_searchsample USING gin (terms, pairs) WITH (fastupdate = on);

CREATE TRIGGER searchdoc_sampled AFTER INSERT OR UPDATE ON quotes_searchdoc
  FOR EACH ROW WHEN (hashint8(NEW.statement_id) & 7 = 0) EXECUTE FUNCTION verbatim_sample();
CREATE TRIGGER searchdoc_unsampled AFTER DELETE ON quotes_searchdoc
  FOR EACH ROW WHEN (hashint8(OLD.statement_id) & 7 = 0) EXECUTE FUNCTION verbatim_sample();

ALTER TABLE quotes_searchdoc ALTER terms SET STATISTICS 10, ALTER pairs SET STATISTICS 10, ALTER lines SET STATISTICS 10;
ALTER TABLE quotes_searchsample ALTER terms SET STATISTICS 10, ALTER pairs SET STATISTICS 10, ALTER lines SET STATISTICS 10;
ANALYZE quotes_searchdoc, quotes_searchsample;

REVOKE ALL ON quotes_searchdoc, quotes_searchsample, quotes_searchsample3, quotes_searchsample5, quotes_searchsample7,
  quotes_searchsample9 FROM verbatim_app;
GRANT SELECT ON quotes_searchdoc, quotes_searchsample, quotes_searchsample3, quotes_searchsample5, quotes_searchsample7,
  quotes_searchsample9 TO verbatim_app;
