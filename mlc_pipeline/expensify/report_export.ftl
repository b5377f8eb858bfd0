<#--
  What Expensify renders for us: lines of tab-separated cells, the first of which says what the line is.
    report    one report; its approvers and custom fields are JSON
    expense   one expense of the report above it
    end       the last line: it counts the others, so that a file that was cut is noticed
  Every line ends in a cell that holds a dot. `export_lines.py` names the cells in this order.

  Expensify documents no types: an attribute may be missing, null, empty, a number or a string. Each function below
  therefore turns whatever is there into one complete cell, with its tab. What is inside a cell is escaped as in a
  JSON string, so that it holds no tab and no line end. Callers write `attribute!""`, because FreeMarker refuses a
  missing value as an argument.
    text      a string, empty when there is nothing; numbers are never grouped, whatever the locale
    amount    minor units as a number or a string (read exactly by the client), or nothing
    truth     true, false or nothing
    quoted    a string of a cell that is JSON
    member    one attribute of something that should be a hash but may be "" or missing
-->
<#function text value>
  <#if value?is_number><#return "\t" + value?c></#if>
  <#if value?is_boolean><#return value?string("\ttrue", "\tfalse")></#if>
  <#if value?is_string><#return "\t" + value?json_string></#if>
  <#return "\t">
</#function>
<#function amount value>
  <#if value?is_number><#return "\t" + value?c></#if>
  <#if value?is_string><#return "\t" + value?json_string></#if>
  <#return "\t">
</#function>
<#function truth value>
  <#if value?is_boolean><#return value?string("\ttrue", "\tfalse")></#if>
  <#if value?is_string && (value?lower_case == "true" || value?lower_case == "false")><#return "\t" + value?lower_case></#if>
  <#return "\t">
</#function>
<#function member owner name>
  <#if owner?is_hash><#return (owner[name])!""></#if>
  <#return "">
</#function>
<#function either preferred other>
  <#if preferred?has_content><#return preferred></#if>
  <#return other>
</#function>
<#function quoted value>
  <#if value?is_number><#return '"' + value?c + '"'></#if>
  <#if value?is_boolean><#return value?string('"true"', '"false"')></#if>
  <#if value?is_string><#return '"' + value?json_string + '"'></#if>
  <#return '""'>
</#function>
<#function approversOf report>
  <#assign json = "">
  <#if report.approvers?? && report.approvers?is_enumerable>
    <#list report.approvers as approver>
      <#if json != ""><#assign json = json + ","></#if>
      <#assign json = json + '{"email":' + quoted(member(approver!"", "email")) + ',"date":' + quoted(member(approver!"", "date")) + "}">
    </#list>
  </#if>
  <#return "\t[" + json + "]">
</#function>
<#function customFieldOf report>
  <#assign json = "">
  <#if report.customField?? && report.customField?is_hash_ex>
    <#list report.customField?keys as name>
      <#if json != ""><#assign json = json + ","></#if>
      <#assign json = json + quoted(name) + ":" + quoted(member(report.customField, name))>
    </#list>
  </#if>
  <#return "\t{" + json + "}">
</#function>
<#function reportLine report>
  <#return "report"
    + text(report.reportID!"")
    + text(report.oldReportID!"")
    + text(report.reportName!"")
    + text(report.status!"")
    + text(report.displayStatus!"")
    + text(report.policyID!"")
    + text(report.policyName!"")
    + text(report.currency!"")
    + amount(report.total!"")
    + text(report.accountEmail!"")
    + text(member(report.submitter!"", "fullName"))
    + text(either(report.employeeCustomField1!"", report.submitterUserID!""))
    + text(either(report.employeeCustomField2!"", report.submitterPayrollID!""))
    + text(report.created!"")
    + text(report.submitted!"")
    + text(report.approved!"")
    + text(report.reimbursed!"")
    + text(report.managerEmail!"")
    + text(member(report.manager!"", "fullName"))
    + approversOf(report)
    + customFieldOf(report)
    + "\t."
  >
</#function>
<#function expenseLine expense>
  <#return "expense"
    + text(expense.transactionID!"")
    + amount(expense.amount!"")
    + amount(expense.modifiedAmount!"")
    + amount(expense.convertedAmount!"")
    + text(expense.currency!"")
    + text(expense.created!"")
    + text(expense.modifiedCreated!"")
    + text(expense.merchant!"")
    + text(expense.modifiedMerchant!"")
    + text(expense.category!"")
    + text(expense.categoryGlCode!"")
    + text(expense.tag!"")
    + text(expense.tagGlCode!"")
    + text(expense.ntag1!"")
    + text(expense.ntag1GlCode!"")
    + text(expense.ntag2!"")
    + text(expense.ntag2GlCode!"")
    + text(expense.ntag3!"")
    + text(expense.ntag3GlCode!"")
    + text(expense.ntag4!"")
    + text(expense.ntag4GlCode!"")
    + text(expense.ntag5!"")
    + text(expense.ntag5GlCode!"")
    + text(expense.comment!"")
    + truth(expense.billable!"")
    + truth(expense.reimbursable!"")
    + text(expense.bank!"")
    + text(expense.cardName!"")
    + amount(expense.taxAmount!"")
    + amount(expense.modifiedTaxAmount!"")
    + text(expense.taxName!"")
    + text(expense.taxRate!"")
    + text(expense.taxRateName!"")
    + text(expense.taxCode!"")
    + text(expense.receiptID!"")
    + text(expense.receiptFilename!"")
    + text(member(expense.receiptObject!"", "url"))
    + "\t."
  >
</#function>
<#assign reportCount = 0>
<#assign expenseCount = 0>
<#list reports![] as report>
<#assign reportCount = reportCount + 1>
${reportLine(report)}
<#if report.transactionList?? && report.transactionList?is_enumerable>
<#list report.transactionList as expense>
<#assign expenseCount = expenseCount + 1>
${expenseLine(expense)}
</#list>
</#if>
</#list>
${"end\t" + reportCount?c + "\t" + expenseCount?c + "\t."}
