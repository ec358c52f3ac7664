/**
 * Names of handlers (handlers.ts), most executed first: the mean share of instructions over runs of the CPU benchmark's
 * kernels and of busybox sha256sum, md5sum, sort, gzip, bzip2, grep, tr, cut, wc, uniq, od, base64, sed and ash, measured
 * with an interpreter generated with `profile`. The hot set is the front of this list, then the rows by their frequencies.
 */
const MEASURED = `
  MOV =Ev,Gv 32 | MOV =Ev,Gv 64 | MOV =Gv,Ev 64 memory | JMP Jb | PUSH Zv 64 | POP =Zv 64 | MOV =Gv,Ev 32 memory |
  XOR +Ev,Gv 32 no flags | LEA =Gv,&M 64 memory | MOVZX =Gv,Eb 64 memory | MOV =Ev,Gv 64 memory | RET  |
  CMP Ev,Gv 64 + JE | ADD +Ev,sIb 64 no flags | ADD +Ev,Gv 32 no flags | CALL Jz | ADD +Ev,Gv 64 no flags |
  TEST Ev,Gv 32 + JE | LEA =Gv,&M 32 memory | CMP Ev,Gv 64 + JB | MOV =Ev,Gv 32 memory |
  MOVZX =Gv,Eb 64 memory indexed | MOVUPS =Vps,Wps | XOR +Ev,Gv 32 | TEST Ev,Gv 64 + JE | INC +Ev 64 no flags |
  CMP Ev,sIb 32 + JE | MOV =Eb,Ib memory indexed | ADD +Ev,sIb 64 | ADD +Ev,Gv 64 | MOVZX =Gv,Eb 64 |
  ROR +Ev,Ib 32 no flags | AND +Ev,Gv 32 no flags | MOV =Gb,Eb memory indexed | MULSD +Vsd,Wsd |
  MOVUPS =Vps,Wps memory | ADD +Ev,Gv 32 | ROL +Ev,Ib 32 no flags | MOV =Eb,Gb memory indexed | MOV =Eb,Gb memory |
  AND +Ev,sIb 32 | CMP Eb,Ib memory + JE | SUB +Ev,sIb 64 | LEA =Gv,&M 32 memory indexed |
  CMP Ev,sIb 32 no flags + JBE | TEST Eb,Gb + JE | MOV =Zv,Iz 32 | CMP Eb,Ib memory | CMP Gv,Ev 64 memory + JB |
  MOVSXD =Gv,Ed 64 | MOV =Ev,Iz 32 memory | INC +Ev 32 memory | CMP AL,Ib + JBE | MOV =Gb,Eb memory | JMP Ev |
  MOVSXD =Gv,Ed 64 memory indexed | CMP Ev,sIb 32 + JBE | UNPCKHPD +Vpd,Wpd | SUB +Ev,Gv 32 |
  ADC +Ev,sIb 64 no flags | MULPD +Vpd,Wpd | MOVSD =Vsd,Msd memory | LEA =Gv,&M 64 memory indexed |
  SHR +Ev,Ib 32 no flags | MOV =Gv,Ev 32 memory indexed | SUB +Ev,sIb 32 | ADD +Gv,Ev 32 memory no flags |
  CMP Ev,Gv 32 memory | MOVSXD =Gv,Ed 64 memory | MOVSD =Msd,Vsd memory | SETL =Eb | SETG =Eb | CALL Ev |
  AND +Ev,sIb 32 no flags | ADD +Gv,Ev 32 memory indexed no flags | INC +Ev 32 no flags | TEST Ev,Gv 32 + JL |
  PXOR +Vdq,Wdq | NOT +Ev 32 | CMP Ev,sIb 64 + JE | MOVUPS =Wps,Vps memory | TEST Ev,Gv 32 no flags + JE |
  CMP Ev,sIb 32 no flags + JE | CMP Ev,Gv 32 + JE | SHR +Ev,1 16 no flags | CMP Eb,Gb + JE | INC +Ev 64 |
  MOVSX =Gv,Ew 32 memory | JNE Jb | CMP Ev,sIb 64 + JBE | CMP Ev,Gv 32 + JLE | AND +Ev,sIb 64 no flags |
  MOV =Gv,Ev 64 memory indexed | SHL +Ev,Ib 32 no flags | SUB +Ev,Gv 64 no flags | PSRLD +Udq,Ib |
  CMP Ev,sIb 64 memory + JE | POR +Vdq,Wdq | CMOVNE +Gv,Ev 32 | ADDSD +Vsd,Wsd | SUBPD +Vpd,Wpd |
  ADD +Gv,Ev 32 memory indexed | JE Jb | ADD +Gv,Ev 32 memory | PCMPEQB +Vdq,Wdq | MOV =Gv,Ev 16 memory indexed |
  TEST Eb,Ib + JE | MOV =Ev,Gv 16 memory indexed | MOV =Eb,Ib | MOVZX =Gv,Ew 64 memory |
  TEST Ev,Gv 32 no flags + JLE | MOVAPS =Wps,Vps memory | CMP Ev,Gv 64 | PMOVMSKB =Gd,Udq |
  MOVZX =Gv,Ew 64 memory indexed | PSLLD +Udq,Ib | SUB +Ev,sIb 32 + JE | MOV =Ev,Gv 32 memory indexed |
  PADDD +Vdq,Wdq | ROL +Ev,Ib 32 | SUB +Gv,Ev 64 memory + JE | SUB +Ev,sIb 64 no flags | JMP Ev memory |
  XOR +Ev,sIb 16 no flags | AND +rAX,Iz 32 no flags | TEST Ev,Gv 32 + JLE | ADDSD +Vsd,Wsd memory | ADDPD +Vpd,Wpd |
  CMP Ev,Gv 32 + JL | ENDBR64  | SUB +Ev,sIb 32 no flags | OR +Ev,Gv 32 no flags | SHR +Ev,Ib 64 no flags |
  CMP Ev,Gv 64 memory + JE | TEST AL,Ib + JE | CMP Ev,Gv 16 | MOV =Ev,Iz 64 memory | ADD +Ev,sIb 32 no flags |
  PUNPCKLQDQ +Vdq,Wdq | SHR +Ev,Ib 32 | PSHUFD =Vdq,Wdq,Ib | SUB +Ev,Gv 32 no flags | TEST Ev,Gv 64 no flags + JE |
  TEST Ev,Gv 32 | PUNPCKLWD +Vdq,Wdq | MOVD =Vdq,Ed | JLE Jb | CBW/CWDE/CDQE +rAX 64 | JA Jb |
  CMP Ev,Gv 32 memory + JB | AND +Ev,Gv 32 | SUB +Ev,Gv 64 | SUBSD +Vsd,Wsd memory | SUBSD +Vsd,Wsd |
  DIVSD +Vsd,Wsd | UCOMISD Vsd,Wsd | SQRTSD +Vsd,Wsd | DEC +Ev 32 + JE | CMP Ev,sIb 32 memory |
  SHL +Ev,Ib 64 no flags | CMP Eb,Gb memory indexed + JE | MOV =Ev,Gv 16 memory | MOV =Ev,Iz 64 | SHR +Eb,Ib |
  MOV =Ev,Gv 64 memory indexed | CALL Ev memory | MOV =Eb,Ib memory | ADD +Ev,Gv 32 memory indexed no flags |
  INC +Ev 32 | JG Jb | TEST Eb,Ib memory + JE | OR +Ev,Gv 64 no flags | CMP Eb,Ib memory indexed + JE |
  CMP Ev,sIb 32 memory + JE | CMP Ev,sIb 64 memory | CMP Ev,Gv 16 memory | CMP Eb,Gb memory + JE | MOVSX =Gv,Eb 32 |
  XOR +Gv,Ev 32 memory indexed no flags | ADD +rAX,Iz 32 no flags | ADD +Ev,sIb 32 | CMOVB +Gv,Ev 32 |
  PCMPEQB +Vdq,Wdq memory | SHR +Ev,Ib 64 | CMP Ev,sIb 32 + JB | CMP Gv,Ev 64 memory + JE | TEST Ev,Gv 64 |
  MOVHPS +Vps,Mq memory | ADD +Ev,Gv 32 no flags + JE | DEC +Ev 32 memory + JE | PUNPCKLBW +Vdq,Wdq |
  ADD +rAX,Iz 16 | SHL +Ev,Ib 32 | AND +Ev,sIb 32 + JE | CMP Eb,Ib + JE | AND +Ev,sIb 64 | BSF +Gv,Ev 32 |
  MOV =Gv,Ev 16 memory | CMP Ev,Gv 32 + JB | SETE =Eb | MOVLPS +Vps,Mq memory | CMP Ev,sIb 32 + JLE |
  IMUL =Gv,Ev,sIb 32 no flags | TEST Ev,Iz 32 + JE | CMP rAX,Iz 32 + JE | OR +Ev,Gv 32 |
  CMP Ev,Gv 64 no flags + JB | CMP rAX,Iz 32 | SAR +Ev,Ib 32 | CMOVBE +Gv,Ev 64 |
  CMP Gb,Eb memory indexed no flags + JE | ADD +Ev,sIb 32 memory | XOR +Ev,Gv 64 no flags |
  CMP Ev,Gv 64 no flags + JE | CMP Gb,Eb memory + JE | CMP Gv,Ev 32 memory + JL | CMP Ev,Gv 32 memory + JLE |
  CMP Ev,sIb 64 + JB | SETNE =Eb | ADD +Ev,Gv 64 + JE | MOVQ =Vdq,Eq | CMP Eb,Ib memory no flags + JE |
  PUNPCKHWD +Vdq,Wdq | CMP Ev,Gv 32 | MOVAPS =Vps,Wps memory | ADD +Ev,Gv 64 memory no flags | ADD +Ev,Gv 64 + JS |
  PSUBB +Vdq,Wdq | CMP Ev,Gv 32 no flags + JLE | JNS Jb | TEST Ev,Gv 64 + JL | CMP Ev,Gv 64 memory + JB |
  CMP AL,Ib no flags + JE | CMP Ev,Gv 32 memory + JE | BT Ev,Ib 32 | CMOVE +Gv,Ev 32 memory |
  SHR +Ev,CL 64 no flags | BSF +Gv,Ev 64 | NEG +Ev 64 no flags | CMP Ev,sIb 32 memory + JLE | SUB +Ev,Gv 32 memory |
  OR +Ev,sIb 64 | ADD +Gv,Ev 64 memory | ADD +Ev,Gv 64 memory | TEST AL,Ib no flags + JE |
  AND +Ev,sIb 32 no flags + JE | ADD +Ev,Gv 32 memory | CMPXCHG +Ev,Gv 32 memory | XCHG +Ev,+Gv 32 memory | JB Jb |
  JMP Ev memory indexed | IMUL =Gv,Ev,sIb 64 no flags | SHL +Ev,CL 32 | PSUBD +Vdq,Wdq |
  INC +Ev 32 memory indexed no flags | DEC +Ev 64 no flags | CMP Ev,Gv 64 memory | AND +rAX,Iz 32 + JE |
  MOVUPS =Vps,Wps memory indexed | MOVUPS =Wps,Vps memory indexed | AND +Ev,Gv 64 memory no flags |
  PMULLW +Vdq,Wdq | PMULHW +Vdq,Wdq memory | TEST Ev,Iz 32 memory + JE | CMP Eb,Ib + JBE |
  CMP Ev,Gv 32 memory indexed + JL | BSWAP +Zv 32 | CMP Ev,Gv 32 no flags + JB | CMP Ev,sIb 64 no flags + JBE |
  SAR +Ev,1 32 no flags | OR +Gv,Ev 32 memory no flags | AND +rAX,Iz 32 | DEC +Ev 32 + JS | JAE Jb |
  CMP Ev,sIb 32 + JL | CMOVE +Gv,Ev 64 | DEC +Ev 32 no flags | MOVQ =Eq,Vdq | CMP Gv,Ev 64 memory indexed + JE |
  SETB =Eb | CMP rAX,Iz 64 + JE | CMOVNE +Gv,Ev 64 | DEC +Ev 32 | OR +Ev,sIb 32 memory no flags |
  SAR +Ev,CL 64 memory no flags | SHR +Ev,CL 32 no flags | SUB +Ev,sIb 32 no flags + JE | CMP Ev,sIb 32 |
  INC +Ev 64 memory | CMP Gv,Ev 32 memory + JB | INC +Ev 16 memory indexed | SHL +Eb,1 memory no flags | SHR +Eb,1 |
  AND +Eb,Gb | TEST Eb,Ib memory indexed + JE | TEST Ev,Gv 16 | CMP Eb,Ib no flags + JE | SBB +Ev,Gv 32 no flags |
  JGE Jb | REP MOVS &Xb memory | PAND +Vdq,Wdq | CMP Eb,Ib | XOR +Gv,Ev 64 memory | MOV =Ev,Iz 16 memory indexed |
  SAR +Ev,Ib 64 | PACKUSWB +Vdq,Wdq | PSRLW +Udq,Ib | DEC +Ev 32 memory | SHL +Ev,CL 32 no flags |
  SUB +Ev,Gv 64 memory | OR +Gv,Ev 32 memory | TEST Eb,Gb no flags + JE | CMP Eb,Gb memory no flags + JE |
  CMOVS +Gv,Ev 64 | AND +Eb,Gb + JE | CMP Ev,Gv 64 + JL | CMP rAX,Iz 64 + JBE | SAR +Ev,CL 64 no flags |
  CMP Eb,Gb no flags + JE | XOR +Gv,Ev 32 memory indexed | CMP Eb,Gb | SHR +Eb,Ib no flags |
  CMP Ev,sIb 32 memory + JS | CMP Ev,sIb 64 | CMP Ev,sIb 32 memory indexed + JE | CMOVE +Gv,Ev 32 |
  SETNE =Eb memory | XOR +Ev,sIb 32 | TEST Eb,Ib no flags + JE | CMP Gv,Ev 64 memory | CMP AL,Ib + JE |
  CMOVB +Gv,Ev 64 | SUB +Gv,Ev 64 memory no flags | SHR +Ev,1 32 no flags | ADD +Ev,Gv 64 no flags + JS |
  SUB +Ev,Gv 32 + JS | SAR +Ev,CL 32 | OR +Ev,sIb 64 no flags | CMP Ev,Gv 64 memory no flags + JB |
  IMUL =Gv,Ev,sIb 32 | ADD +Ev,sIb 64 memory no flags | OR +Ev,Gv 32 memory indexed | OR +Ev,sIb 64 memory |
  SUB +Ev,Gv 32 + JE | IMUL +Gv,Ev 64 memory no flags | CMP Ev,sIb 64 no flags + JE | XOR +Gv,Ev 64 memory indexed |
  BSF +Gv,Ev 64 no flags | CMP rAX,Iz 32 no flags + JBE | REP STOS &Yb memory | CMP Ev,Gv 64 memory no flags + JE |
  XCHG +Ev,+Gv 64 memory | CMOVLE +Gv,Ev 32 | CMOVAE +Gv,Ev 32 | XOR +Ev,Gv 64 | TEST Eb,Ib memory no flags + JE |
  PUNPCKHBW +Vdq,Wdq | PMINUB +Vdq,Wdq memory | CMOVA +Gv,Ev 32 | ROL +Ev,Ib 64 | CMP Ev,Gv 32 no flags + JE |
  IMUL +Gv,Ev 64 no flags | CMP Gv,Ev 64 memory no flags + JBE | SUB +rAX,Iz 32 | CMOVL +Gv,Ev 32 | JL Jb |
  CMP Ev,Gv 32 memory indexed + JLE | CMP rAX,Iz 32 + JBE | SHL +Ev,Ib 64 | SETLE =Eb | MOVSS =Vss,Mss memory |
  CMOVA +Gv,Ev 64 | DEC +Ev 64 | SUB +Gv,Ev 32 memory | SUB +Ev,Gv 32 no flags + JE | CMP Ev,sIb 32 no flags + JLE |
  CMP Ev,Gv 32 no flags + JL | CMOVNS +Gv,Ev 32 | TEST Ev,Iz 64 + JE | BTS +Rv,Gv 64 no flags | CMOVGE +Gv,Ev 32 |
  TEST Eb,Gb no flags + JL | CMP Ev,Gv 16 memory indexed | SUB +Ev,Gv 64 + JE | CMP AL,Ib no flags + JBE |
  MOV =Zq,Iq | OR +Ev,sIb 32 no flags | CMP Eb,Gb no flags + JB | SHR +Ev,CL 32 | TEST Ev,Gv 32 no flags + JL |
  INC +Ev 64 + JE | TEST Eb,Gb memory no flags + JE | AND +Eb,Gb memory no flags | BT Ev,Ib 32 memory |
  SETE =Eb memory | SUB +Ev,sIb 32 + JS | DEC +Ev 32 memory no flags | MUL Ev 64 no flags |
  XOR +Ev,sIb 32 no flags | OR +Ev,Gv 64 | REP STOS &Yv 64 memory | JBE Jb | CMOVLE +Gv,Ev 64 |
  CMOVLE +Gv,Ev 32 memory | ADD +Ev,sIb 32 memory indexed | PADDD +Vdq,Wdq memory | PSLLW +Udq,Ib | PADDQ +Vdq,Wdq |
  MOV =Ev,Iz 16 memory | CMP Ev,sIb 32 memory no flags + JE | CMP Eb,Gb memory | SAR +Ev,Ib 32 no flags |
  SHR +Ev,1 64 | SUB +Gv,Ev 32 memory indexed | SUB +Gv,Ev 64 memory | OR +Ev,sIb 32 |
  MOVAPS =Vps,Wps memory indexed | OR +Eb,Gb | JS Jb | CMP Ev,Gv 32 memory indexed | TEST Ev,Gv 64 + JLE |
  SUB +Ev,sIb 32 memory | MOVSS =Mss,Vss memory | SUB +Ev,Gv 64 + JBE | BSWAP +Zv 64 |
  CMP Gv,Ev 32 memory no flags + JB | CMP Eb,Ib no flags + JBE | DIV Ev 32 no flags | AND +Eb,Ib + JE |
  MOVZX =Gv,Ew 64 | SAR +Ev,1 32 | SYSCALL  | INC +Ev 16 memory indexed no flags | OR +Eb,Gb memory | CPUID  |
  DEC +Eb no flags + JE | CMP AL,Ib | AND +Eb,Ib | PSRLDQ +Udq,Ib | SHUFPS +Vps,Wps,Ib | PADDB +Vdq,Wdq |
  MOVSX =Gv,Eb 64 memory | CMP Ev,sIb 16 memory indexed | CMOVG +Gv,Ev 32 | OR +Eb,Ib memory no flags |
  SHR +Eb,1 no flags | CMP Ev,Gv 32 memory + JL | CMP Gv,Ev 32 memory + JLE | ADD +Ev,Gv 32 + JS | IMUL +Gv,Ev 32 |
  CMP Gv,Ev 32 memory indexed + JL | OR +Eb,Ib no flags | ADD +Ev,Gv 32 memory no flags | CMP Ev,Gv 64 + JLE |
  CMP Ev,sIb 64 memory no flags + JE | DIV Ev 64 no flags | TEST Eb,Gb | TEST Eb,Gb + JL |
  CMP Ev,sIb 64 memory + JBE | PUSH sIb 64 | BSF +Gv,Ev 32 no flags | ADD +Ev,sIb 32 memory no flags |
  AND +Ev,sIb 64 memory | SAR +Ev,Ib 64 no flags | SUB +Ev,Gv 64 no flags + JBE | DEC +Ev 32 + JLE |
  MOVSX =Gv,Eb 32 memory | SUB +Ev,sIb 64 + JBE | CMP rAX,Iz 32 no flags + JE | SUB +Ev,sIb 32 no flags + JS |
  IMUL +Gv,Ev 64 | NEG +Ev 32 | MOV =Ev,Iz 32 memory indexed | ADD +Gv,Ev 16 memory | CMP Eb,Gb memory indexed |
  ADD +Gv,Ev 64 memory no flags | XOR +Eb,Gb no flags | SUB +Ev,sIb 16 memory indexed | SETBE =Eb |
  SUB +Gv,Ev 32 memory no flags | OR +Ev,sIb 32 memory | SHR +Ev,1 64 no flags |
  CMP Eb,Ib memory indexed no flags + JE | SUB +Ev,sIb 64 no flags + JBE | AND +Ev,Gv 32 + JE | XOR +Eb,Gb |
  IMUL +Gv,Ev 32 no flags | ADD +Ev,sIb 64 memory | CMP Eb,Gb + JB | OR +Ev,sIb 64 memory indexed no flags |
  CMP Ev,sIb 32 memory + JBE | SUB +Gv,Ev 32 memory indexed no flags | CMOVAE +Gv,Ev 64 | TEST Eb,Ib memory |
  ADD +Ev,Gv 16 memory indexed no flags | XCHG +Ev,+Gv 32 | INC +Ev 64 memory no flags | SAR +Ev,CL 32 no flags |
  OR +Ev,Gv 32 memory | TEST Ev,Iz 32 no flags + JE | TEST rAX,Iz 32 + JE | TEST Ev,Gv 64 no flags + JL |
  AND +Ev,Gv 64 no flags | BT Rv,Gv 64 | AND +Ev,sIb 32 memory | CMP Gv,Ev 32 memory no flags + JE | SAR +Ev,1 64 |
  CMP Eb,Gb memory indexed + JB | XOR +Ev,sIb 64 no flags | CALL Ev memory indexed | XCHG +Zv,+rAX 32 |
  REP STOS &Yv 32 memory | CMOVE +Gv,Ev 64 memory | AND +Ev,Gv 64 | SBB +Ev,Gv 64 no flags |
  XOR +Gv,Ev 32 memory no flags | ADD +rAX,Iz 64 | AND +rAX,Iz 64 + JLE | INC +Ev 16 memory no flags |
  PUNPCKLDQ +Vdq,Wdq
`;

export const HOT_SET: readonly string[] = MEASURED.split("|").map((name) => name.trim());
