"""Printed words read letter by letter where other networks found that some stand: names of leads, speeds, gains."""
