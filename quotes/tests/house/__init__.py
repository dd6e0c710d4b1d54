"""The rules of the house that a machine can read off the source.

``source`` reads Python, ``markup`` reads templates, scripts and style sheets, ``tree`` reads what belongs
together. Every rule takes text and yields findings, so that test_house_rules can show each of them failing.

An exception needs its reason beside it, on the line or on the line above:
``# house: the sign-in page of the library is a class`` or ``{# house: … #}``.
"""
