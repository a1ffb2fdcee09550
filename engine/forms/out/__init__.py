"""From a layout to workbooks that are sent to the places that fill them."""
