<#--
  What Expensify renders for us: a JSON array with one object per report, its expenses inside,
  and a last element that counts both, so that a file that was cut is noticed.

  Expensify documents no types: an attribute may be missing, null, empty, a number or a string.
  Each function below therefore turns whatever is there into one complete JSON value. Callers write
  `attribute!""`, because FreeMarker refuses a missing value as an argument.
    text     a string, "" when there is nothing; numbers are never grouped, whatever the locale
    amount   minor units: a number as it is, a non-empty string as a string (read exactly by the client), or null
    truth    true, false or null
    member   one attribute of something that should be a hash but may be "" or missing
-->
<#function text value>
  <#if value?is_number><#return '"' + value?c + '"'></#if>
  <#if value?is_boolean><#return value?string('"true"', '"false"')></#if>
  <#if value?is_string><#return '"' + value?json_string + '"'></#if>
  <#return '""'>
</#function>
<#function amount value>
  <#if value?is_number><#return value?c></#if>
  <#if value?is_string && value?has_content><#return '"' + value?json_string + '"'></#if>
  <#return "null">
</#function>
<#function truth value>
  <#if value?is_boolean><#return value?string("true", "false")></#if>
  <#if value?is_string && (value?lower_case == "true" || value?lower_case == "false")><#return value?lower_case></#if>
  <#return "null">
</#function>
<#function member owner name>
  <#if owner?is_hash><#return (owner[name])!""></#if>
  <#return "">
</#function>
<#function either preferred other>
  <#if preferred?has_content><#return preferred></#if>
  <#return other>
</#function>
<#assign reportCount = 0>
<#assign expenseCount = 0>
[
<#list reports![] as report>
<#assign reportCount = reportCount + 1>
{
"reportID":${text(report.reportID!"")},
"oldReportID":${text(report.oldReportID!"")},
"reportName":${text(report.reportName!"")},
"status":${text(report.status!"")},
"displayStatus":${text(report.displayStatus!"")},
"policyID":${text(report.policyID!"")},
"policyName":${text(report.policyName!"")},
"currency":${text(report.currency!"")},
"total":${amount(report.total!"")},
"accountEmail":${text(report.accountEmail!"")},
"submitterFullName":${text(member(report.submitter!"", "fullName"))},
"employeeCustomField1":${text(either(report.employeeCustomField1!"", report.submitterUserID!""))},
"employeeCustomField2":${text(either(report.employeeCustomField2!"", report.submitterPayrollID!""))},
"created":${text(report.created!"")},
"submitted":${text(report.submitted!"")},
"approved":${text(report.approved!"")},
"reimbursed":${text(report.reimbursed!"")},
"managerEmail":${text(report.managerEmail!"")},
"managerFullName":${text(member(report.manager!"", "fullName"))},
"approvers":[
<#assign separator = "">
<#if report.approvers?? && report.approvers?is_enumerable>
<#list report.approvers as approver>
${separator}{"email":${text(member(approver!"", "email"))},"date":${text(member(approver!"", "date"))}}
<#assign separator = ",">
</#list>
</#if>
],
"customField":{
<#assign separator = "">
<#if report.customField?? && report.customField?is_hash_ex>
<#list report.customField?keys as name>
${separator}${text(name)}:${text(member(report.customField, name))}
<#assign separator = ",">
</#list>
</#if>
},
"expenses":[
<#assign separator = "">
<#if report.transactionList?? && report.transactionList?is_enumerable>
<#list report.transactionList as expense>
<#assign expenseCount = expenseCount + 1>
${separator}{
"transactionID":${text(expense.transactionID!"")},
"type":${text(expense.type!"")},
"source":${text(member(expense.nameValuePairs!"", "source"))},
"amount":${amount(expense.amount!"")},
"modifiedAmount":${amount(expense.modifiedAmount!"")},
"convertedAmount":${amount(expense.convertedAmount!"")},
"currency":${text(expense.currency!"")},
"currencyConversionRate":${text(expense.currencyConversionRate!"")},
"created":${text(expense.created!"")},
"modifiedCreated":${text(expense.modifiedCreated!"")},
"inserted":${text(expense.inserted!"")},
"merchant":${text(expense.merchant!"")},
"modifiedMerchant":${text(expense.modifiedMerchant!"")},
"category":${text(expense.category!"")},
"categoryGlCode":${text(expense.categoryGlCode!"")},
"categoryPayrollCode":${text(expense.categoryPayrollCode!"")},
"tag":${text(expense.tag!"")},
"tagGlCode":${text(expense.tagGlCode!"")},
"ntag1":${text(expense.ntag1!"")},
"ntag1GlCode":${text(expense.ntag1GlCode!"")},
"ntag2":${text(expense.ntag2!"")},
"ntag2GlCode":${text(expense.ntag2GlCode!"")},
"ntag3":${text(expense.ntag3!"")},
"ntag3GlCode":${text(expense.ntag3GlCode!"")},
"ntag4":${text(expense.ntag4!"")},
"ntag4GlCode":${text(expense.ntag4GlCode!"")},
"ntag5":${text(expense.ntag5!"")},
"ntag5GlCode":${text(expense.ntag5GlCode!"")},
"comment":${text(expense.comment!"")},
"billable":${truth(expense.billable!"")},
"reimbursable":${truth(expense.reimbursable!"")},
"bank":${text(expense.bank!"")},
"cardName":${text(expense.cardName!"")},
"cardNumber":${text(expense.cardNumber!"")},
"mcc":${text(expense.mcc!"")},
"hasTax":${truth(expense.hasTax!"")},
"taxAmount":${amount(expense.taxAmount!"")},
"modifiedTaxAmount":${amount(expense.modifiedTaxAmount!"")},
"taxName":${text(expense.taxName!"")},
"taxRate":${text(expense.taxRate!"")},
"taxRateName":${text(expense.taxRateName!"")},
"taxCode":${text(expense.taxCode!"")},
"unitCount":${text(member(expense.units!"", "count"))},
"unitRate":${text(member(expense.units!"", "rate"))},
"unit":${text(member(expense.units!"", "unit"))},
"unitName":${text(member(expense.units!"", "name"))},
"isDistance":${truth(expense.isDistance!"")},
"receiptID":${text(expense.receiptID!"")},
"receiptFilename":${text(expense.receiptFilename!"")},
"receiptURL":${text(member(expense.receiptObject!"", "url"))},
"receiptType":${text(member(expense.receiptObject!"", "type"))}
}
<#assign separator = ",">
</#list>
</#if>
]
},
</#list>
{"_end":true,"reports":${reportCount?c},"expenses":${expenseCount?c}}
]
