# Write OUT: each file of the list FILES as a row { name, lines ended by NULL }. A line is a
# string of its own, because C promises no more than 4095 bytes for one.
set(rows "")
foreach(file IN LISTS FILES)
	get_filename_component(name ${file} NAME_WE)
	file(READ ${file} text)
	string(REPLACE "\\" "\\\\" text "${text}")
	string(REPLACE "\"" "\\\"" text "${text}")
	string(REPLACE "\n" "\\n\",\n\t\"" text "${text}")
	string(APPEND rows "{\"${name}\", (const char *const[]){\n\t\"${text}\", NULL}},\n")
endforeach()
file(WRITE ${OUT} "/* Made by harness/verdict/profiles/embed.cmake. */\n${rows}")
