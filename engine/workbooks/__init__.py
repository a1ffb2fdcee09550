"""Reading a workbook of any kind with care. Knows neither catalogues nor data nor forms."""
