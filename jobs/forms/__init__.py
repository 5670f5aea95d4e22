"""The form of a new job, made from the inputs of a frozen version: what people type, and JSON, and the way between."""
