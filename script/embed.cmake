# SPDX-License-Identifier: GPL-3.0-or-later
# Turns a text file into a C string: -DINPUT= -DOUTPUT= -DSYMBOL=
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "/* SPDX-License-Identifier: GPL-3.0-or-later */\nextern const char ${SYMBOL}[];\nconst char ${SYMBOL}[] = {\n${bytes}0};\n")
