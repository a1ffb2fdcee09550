"""Adopting: workbooks and Word tables as they lie on a desk → a data folder.

The order of things, each step a module:

    file ─ grids ─▶ grids of cells: texts with addresses, merged ranges
         ─ regions ─▶ tables: title rows above, a heading of one or several rows, a body
         ─ recognition ─▶ one `AdoptedSource` per table: what is sure; what is not, beside it
         ─ source_reading ─▶ facts with file, sheet and cell, and lines of the protocol

* **Grids.** Nothing is known of meaning: a cell is a text at an address. Word's tables that a page
  break split are one grid again.
* **Regions.** A heading names its columns; parts of merged cells are joined with « / ». Two tables in
  one sheet are two regions, a heading that is repeated on every page is none of its own.
* **Recognition.** What may name what is in `vocabulary`: an equal name (see `engine.same_names`) is sure,
  a near one is offered and never taken. A row and a column give together the input, the place, the year
  and the scenario of a cell; what neither says, the titles, the sheet and the file may say.
* **Sources.** What is understood is written to `sources.yaml` (`sources_file`), and facts are read through
  it alone, the first time as every other: so what she corrects there is what is read.
* **Reading.** Every filled cell has one fate: it is a fact, a line of the protocol, a name or a
  heading, or it is passed over by name. The balance counts them. `row_reading` takes the values of
  tables whose rows are inputs, `column_reading` of those whose columns are; of which place, year,
  scenario and unit a cell is, `cell_places` and `cell_terms` say.
* **Adopting** (`adopt`). Lists and copies files, writes facts, `sources.yaml` and the protocol.
* **Reading anew** (`reread`). Data whose sources have changed since are read through `sources.yaml`.

Knows catalogues, data and workbooks; neither forms nor reports.
"""
