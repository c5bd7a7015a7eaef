"""API version 1, for programs: ``/api/v1``, its definition, and who may ask how often.

=====================  ==========================================================================
api                    facilities, the nearest, the search; short_path answers plain ones in front
plan_verbs, site_verb  the planner's verbs; with scenario_verb and job_documents
*_parameters, fields   what may be asked: each parameter parsed, bounded and documented
formats                GeoJSON, lines, CSV, GeoParquet
openapi*               the definition: parameters, schemas (put together of parts), examples
definition             serves it: ``/openapi.json``, and ``/docs`` of docs_chapters, docs_words
openness, deprecation  what all answers share: who may read them, and what is to go
limits, shared_counts  keys, and how often one may ask; counted for all workers together
=====================  ==========================================================================
"""
