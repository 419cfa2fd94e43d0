"""Accounts of staff: how people sign in, with what, and what keeps others from doing it in their place.

Which rule comes from where (63B is NIST SP 800-63B, revision 4):

- **Passwords** (:mod:`.passwords`): 63B section 3.1.1.2. At least 15 characters where the password is the only factor, 8
  beside a second one; every code point counts as one; all of Unicode, blanks too, normalised by NFKC before it is hashed; up
  to 256, none cut off; no rules of composition, no expiry, no hints, no questions; compared with what is common, leaked or
  expected of this person. The list and the arithmetic are ``zxcvbn``'s. Hashed by argon2id (RFC 9106) with the parameters of
  OWASP's cheat sheet, and anew at a sign-in once those change (ASVS 5.0, 11.4.2).
- **Guessing** (:mod:`.throttle`): 63B section 3.2.2: waits that grow, and after 100 failures in a row nothing but browsers
  that are known. Failures are counted apart for each browser that the account has signed in from, so that strangers make
  nobody wait but strangers (ASVS 6.1.1 and 6.3.1; OWASP's device cookies).
- **Second factor** (:mod:`.factors`): RFC 6238 with one step to each side; no code is taken twice (section 5.2; 63B section
  3.1.4.2). Ten recovery codes of 140 bits, so that a plain hash suffices (63B section 3.1.2.2).
- **Sign-ins** (:mod:`.sign_ins`): 63B section 2.2.3 for the idle and the whole length at AAL2, section 5.1 for the
  secret of the cookie, which is new after each step up (ASVS 7.2.4); listed and ended by their owner and by
  administrators (ASVS 7.4 and 7.5.2).
- **Invitations** (:mod:`.invitations`): 63B section 4.2 (a code of single use, for a limited time); no administrator ever
  knows a password (ASVS 6.4.1 and 6.4.6).
- **Administration** (:mod:`.service`): house rule R12, nobody decides on the own account; one administrator always stays.
"""
